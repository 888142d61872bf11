import type { StartProblem } from '@virtkit/core/driver';
import { DomainPausedReason } from '@virtkit/libvirt-client';
import type { GuestLook } from './guest-look.js';

const { VIR_DOMAIN_PAUSED_CRASHED, VIR_DOMAIN_PAUSED_IOERROR } = DomainPausedReason;

/** Why a guest that was just started will never run, if that is so: nobody has to wait for it any longer. */
export function guestEnd(look: GuestLook): StartProblem | undefined {
  if (look.life === undefined || look.powerState === 'CRASHED') return 'unspecified';
  if (look.powerState !== 'PAUSED') return undefined;
  if (look.reason === VIR_DOMAIN_PAUSED_IOERROR) return 'disk';
  return look.reason === VIR_DOMAIN_PAUSED_CRASHED ? 'unspecified' : undefined;
}

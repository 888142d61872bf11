import { DomainPausedReason, DomainRunningReason } from '@virtkit/libvirt-client';
import type { GuestLook } from './guest-look.js';

/**
 * Whether a guest that was just started, paused or not, has booted. A restored one is `PAUSED` with the reason of an incoming
 * migration, which is how QEMU loads memory, or `RUNNING` as restored. Every other reason counts as restored, because a
 * restored guest that was taken for a booted one would be stopped and its memory lost.
 */
export function wasBooted({ powerState, reason }: GuestLook): boolean {
  return powerState === 'PAUSED'
    ? reason === DomainPausedReason.VIR_DOMAIN_PAUSED_USER
    : powerState === 'RUNNING' && reason === DomainRunningReason.VIR_DOMAIN_RUNNING_BOOTED;
}

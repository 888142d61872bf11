import type { Clock, DriverLog } from '@virtkit/core/driver';
import { LibvirtError } from '@virtkit/libvirt-client';
import type { RunningCall } from '../driver-calls.js';
import type { Guest } from './guest.js';
import { waitForGuest } from './wait-for-guest.js';

export interface AskToStopOptions extends RunningCall {
  readonly gracePeriodMs: number;
  readonly retryIntervalMs: number;
  readonly clock: Clock;
  readonly log: DriverLog;
}

/**
 * Asks a running guest to stop, again and again, because one that is booting does not hear it. Resolves when it has
 * stopped or the period is over.
 */
export async function askToStop(
  guest: Guest,
  { gracePeriodMs, retryIntervalMs, clock, log, signal }: AskToStopOptions,
): Promise<void> {
  const deadlineMs = clock.monotonicMs() + gracePeriodMs;
  const { life, powerState } = await guest.look({ signal });
  if (powerState !== 'RUNNING') return;
  for (;;) {
    try {
      await guest.shutdown({ signal });
    } catch (failure) {
      // A guest that cannot be asked is stopped without, at the end of the period.
      if (!LibvirtError.is(failure)) throw failure;
      log.debug({ instanceUuid: guest.uuid, err: failure }, 'a guest could not be asked to stop');
    }
    const leftMs = deadlineMs - clock.monotonicMs();
    if (leftMs <= 0) return;
    const timeoutMs = Math.min(leftMs, Math.max(retryIntervalMs, 1));
    if ((await waitForGuest(guest, (look) => look.life !== life, { clock, timeoutMs, signal })) !== 'timeout') return;
  }
}

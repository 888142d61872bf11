import type { Clock, DriverLog } from '@virtkit/core/driver';
import { LibvirtError, LibvirtTimeoutError } from '@virtkit/libvirt-client';
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
 * stopped or the period is over, whatever its agent does.
 */
export async function askToStop(
  guest: Guest,
  { gracePeriodMs, retryIntervalMs, clock, log, signal }: AskToStopOptions,
): Promise<void> {
  const deadlineMs = clock.monotonicMs() + gracePeriodMs;
  const { life, powerState } = await guest.look({ signal });
  if (powerState !== 'RUNNING') return;
  for (;;) {
    await askOnce(guest, { limitMs: deadlineMs - clock.monotonicMs(), log, signal });
    const leftMs = deadlineMs - clock.monotonicMs();
    if (leftMs <= 0) return;
    const timeoutMs = Math.min(leftMs, Math.max(retryIntervalMs, 1));
    if ((await waitForGuest(guest, (look) => look.life !== life, { clock, timeoutMs, signal })) !== 'timeout') return;
  }
}

export interface AskOnceOptions extends RunningCall {
  readonly limitMs: number;
  readonly log: DriverLog;
}

/**
 * Asks a guest once, within a limit. A guest that cannot be asked, or whose answer does not come, is `'not asked'`: the
 * caller looks whether it stops, and stops it without asking when its time is over.
 */
export async function askOnce(guest: Guest, { limitMs, log, signal }: AskOnceOptions): Promise<'asked' | 'not asked'> {
  try {
    await guest.shutdown({ limitMs, signal });
    return 'asked';
  } catch (failure) {
    if (!LibvirtError.is(failure) && !(failure instanceof LibvirtTimeoutError)) throw failure;
    log.debug({ instanceUuid: guest.uuid, err: failure }, 'a guest could not be asked to stop');
    return 'not asked';
  }
}

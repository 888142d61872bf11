import type { Clock } from '@virtkit/core/driver';
import type { RunningCall } from '../driver-calls.js';
import type { GuestLook } from './guest-look.js';
import type { Guest } from './guest.js';

/** A look is a call of a tenth of a millisecond: often at first, for what is nearly done, then twice a second, as Nova. */
const INTERVAL_MIN_MS = 20;
const INTERVAL_MAX_MS = 500;

/** Looks at a guest until it is as wanted, at most for a time. */
export async function waitForGuest(
  guest: Guest,
  isAsWanted: (look: GuestLook) => boolean,
  { clock, timeoutMs, signal }: RunningCall & { readonly clock: Clock; readonly timeoutMs: number },
): Promise<GuestLook | 'timeout'> {
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  for (let intervalMs = INTERVAL_MIN_MS; ; intervalMs = Math.min(intervalMs * 2, INTERVAL_MAX_MS)) {
    const look = await guest.look({ signal });
    if (isAsWanted(look)) return look;
    const leftMs = deadlineMs - clock.monotonicMs();
    if (leftMs <= 0) return 'timeout';
    await clock.sleep(Math.min(intervalMs, leftMs), { signal });
  }
}

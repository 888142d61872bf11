import { ComputeError, type Clock } from '@virtkit/core/driver';
import type { RunningCall } from '../driver-calls.js';
import { guestEnd } from './guest-end.js';
import type { GuestLook } from './guest-look.js';
import type { Guest } from './guest.js';
import { waitForGuest } from './wait-for-guest.js';

/** A guest whose start libvirt has reported runs at once; only one that is dying is caught in between. */
const RUNNING_TIMEOUT_MS = 10_000;

/**
 * Resolves when the guest runs.
 * @throws ComputeError `GUEST_START_FAILED` when it has ended, or does not run in time
 */
export async function confirmRunning(
  guest: Guest,
  { clock, signal }: RunningCall & { readonly clock: Clock },
): Promise<void> {
  const looks: GuestLook[] = [];
  const isDecided = (look: GuestLook) => {
    looks.splice(0, 1, look);
    return look.powerState === 'RUNNING' || guestEnd(look) !== undefined;
  };
  await waitForGuest(guest, isDecided, { clock, timeoutMs: RUNNING_TIMEOUT_MS, signal });
  const [last] = looks;
  if (last?.powerState === 'RUNNING') return;
  const reason = (last && guestEnd(last)) ?? 'unspecified';
  const operator = { message: 'the guest was started and does not run', lastLook: last };
  throw new ComputeError('GUEST_START_FAILED', { instanceUuid: guest.uuid, reason }, { operator });
}

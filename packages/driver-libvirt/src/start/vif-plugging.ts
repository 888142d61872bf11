import {
  ComputeError,
  type Clock,
  type ExpectedEvents,
  type ExternalEventKey,
  type InstanceSpec,
} from '@virtkit/core/driver';
import type { RunningCall } from '../driver-calls.js';
import { guestEnd } from '../guest/guest-end.js';
import type { GuestLook } from '../guest/guest-look.js';
import type { Guest } from '../guest/guest.js';
import { waitForGuest } from '../guest/wait-for-guest.js';

/** The network tells of every interface that it has not told of yet. */
export function awaitedVifs(instance: InstanceSpec): readonly ExternalEventKey[] {
  return instance.networkInterfaces
    .filter(({ status }) => status !== 'active')
    .map(({ id }) => ({ name: 'network-vif-plugged', tag: id }));
}

export interface VifWait extends RunningCall {
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/**
 * Waits beside a paused guest until the network has plugged its interfaces.
 * @throws ComputeError `VIF_PLUG_TIMEOUT`, `VIF_PLUG_FAILED`; `GUEST_START_FAILED` when the guest ends meanwhile
 */
export async function vifsPlugged(
  expected: ExpectedEvents,
  guest: Guest,
  { signal, timeoutMs, clock }: VifWait,
): Promise<void> {
  const instanceUuid = guest.uuid;
  // Whichever of the two ends first ends the other.
  const over = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  const arrival = expected.arrive(timeoutMs, { signal: both });
  const hasEnded = (look: GuestLook) => guestEnd(look) !== undefined;
  const end = waitForGuest(guest, hasEnded, { clock, timeoutMs, signal: both }).then((look) =>
    look === 'timeout' ? look : 'ended',
  );
  try {
    const first = await Promise.race([arrival, end]);
    if (first === 'ended') throw new ComputeError('GUEST_START_FAILED', { instanceUuid, reason: 'unspecified' });
    if (first === 'timeout') throw new ComputeError('VIF_PLUG_TIMEOUT', { instanceUuid, timeoutMs });
    const failed = first.filter(({ status }) => status === 'failed').map(({ tag }) => tag);
    if (failed.length > 0) {
      throw new ComputeError('VIF_PLUG_FAILED', { instanceUuid }, { operator: { interfaces: failed } });
    }
  } finally {
    over.abort();
    await Promise.allSettled([arrival, end]);
  }
}

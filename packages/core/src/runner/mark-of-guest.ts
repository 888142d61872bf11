import { isComputeError } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { Instance } from '../model/instance.js';
import type { Records } from '../records/records.js';

export interface MarkOptions {
  readonly driver: Pick<GuestDriver, 'inspectAny' | 'knownGeneration'>;
  readonly records: Records;
}

/**
 * The generation that an action has given the guest of a record from before generations, where the record does not say so: its process died, or
 * was preempted, before it could. `undefined`: the record says what is true. Asks nobody about a record that has a generation.
 */
export async function markOfGuest(
  { uuid, generation = null, vmState }: Instance,
  { driver, records }: MarkOptions,
): Promise<string | undefined> {
  if (generation !== null || vmState === 'building' || driver.knownGeneration(uuid) === null) return undefined;
  const { generation: mark } = await driver.inspectAny({ instanceUuid: uuid });
  if (typeof mark !== 'string') return undefined;
  try {
    return (await records.store.getAction(mark)).instanceUuid === uuid ? mark : undefined;
  } catch (failure) {
    // Nobody here has spawned or marked it: it is another's.
    if (isComputeError(failure, 'ACTION_NOT_FOUND')) return undefined;
    throw failure;
  }
}

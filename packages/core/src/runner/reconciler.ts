import { isComputeError, type Clock, type GuestInspection } from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import type { Records } from '../records/records.js';
import { fits, vmStateSeen } from './goal-state.js';
import { recordInvariants } from './record-invariants.js';

/** Makes the record of an instance that nothing is being done to say what is true of its guest. For instances that were set aside. */
export async function reconcile(
  { records, host, clock }: { readonly records: Records; readonly host: string; readonly clock: Clock },
  instance: Instance,
  guest: GuestInspection,
): Promise<void> {
  const { uuid, generation = null } = instance;
  // Its guest is looked after elsewhere by now.
  const isElsewhere = instance.host !== null && instance.host !== host;
  if (instance.vmState === 'deleted' || isElsewhere) return;
  const vmState = vmStateTrue(instance, guest);
  const patch = recordInvariants(instance, { vmState, powerState: guest.powerState, generation }, clock.now());
  try {
    await records.commit([{ write: 'update-instance', uuid, patch, guard: { taskState: [null] } }]);
  } catch (failure) {
    // Somebody has taken it over since it was read; the record is theirs now.
    if (!isComputeError(failure, 'UNEXPECTED_TASK_STATE')) throw failure;
  }
}

/** What is true of it. One that has nothing here but was shelved is in its image still: it can be brought back. */
function vmStateTrue({ vmState, shelvedImageId }: Instance, guest: GuestInspection): Instance['vmState'] {
  if (fits(vmState, guest) && vmState !== 'error') return vmState;
  const isBare = guest.guest === 'absent' && guest.belongings.length === 0;
  return isBare && shelvedImageId !== null ? 'shelved_offloaded' : vmStateSeen(guest);
}

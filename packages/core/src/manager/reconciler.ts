import { isComputeError, type GuestInspection } from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import type { Records } from '../records/records.js';
import { fits, vmStateSeen } from './goal-state.js';

/** Makes the record of an instance that nothing is being done to say what is true of its guest. For instances that were set aside. */
export async function reconcile(records: Records, instance: Instance, guest: GuestInspection): Promise<void> {
  const { uuid } = instance;
  if (instance.vmState === 'deleted') return;
  const vmState = fits(instance.vmState, guest) ? instance.vmState : vmStateSeen(guest);
  const patch = { vmState, powerState: guest.powerState };
  try {
    await records.commit([{ write: 'update-instance', uuid, patch, guard: { taskState: [null] } }]);
  } catch (failure) {
    // Somebody has taken it over since it was read; the record is theirs now.
    if (!isComputeError(failure, 'UNEXPECTED_TASK_STATE')) throw failure;
  }
}

import type { GuestInspection } from '../driver/index.js';
import { isComputeError } from '../driver/index.js';
import type { Records } from '../records.js';
import { vmStateSeen } from './vm-state-after-failure.js';

/**
 * Makes an instance's record say what is true of its guest, and ends a task state that nobody is left to end. For instances that
 * were set aside; nothing runs for them.
 */
export async function reconcile(records: Records, instanceUuid: string, guest: GuestInspection): Promise<void> {
  const instance = await records.store.getInstance(instanceUuid);
  if (instance.vmState === 'deleted') return;
  const patch = { vmState: vmStateSeen(guest), powerState: guest.powerState, taskState: null, taskOwner: null };
  const guard = { taskOwner: instance.taskOwner };
  try {
    await records.commit([{ write: 'update-instance', uuid: instanceUuid, patch, guard }]);
  } catch (failure) {
    // Somebody has taken it over since it was read; the record is theirs now.
    if (!isComputeError(failure, 'UNEXPECTED_TASK_STATE')) throw failure;
  }
}

import type { GuestInspection } from '../driver/index.js';
import type { Operation } from '../model/operation-table.js';
import type { VmState } from '../model/vm-state.js';

/**
 * The vm state that is true after an operation has failed, from what the driver says of the guest. An instance whose guest
 * does not stand where any stable state would have it is in `error`, from which a hard reboot or a delete leads out.
 */
export function vmStateAfterFailure(operation: Operation, before: VmState, guest: GuestInspection): VmState {
  if (before === 'building') return 'error';
  const seen = vmStateSeen(guest);
  if (seen === before) return before;
  if (seen === 'active' || seen === 'paused' || seen === 'suspended') return seen;
  const offIsNoSurprise = operation.failedVmState === 'unchanged';
  if (seen === 'stopped' && offIsNoSurprise) return 'stopped';
  return before === 'stopped' && offIsNoSurprise ? 'stopped' : 'error';
}

/** Whether the guest stands where the operation wanted it, so that an operation of unknown outcome has in fact happened. */
export function goalReached({ goal }: Operation, guest: GuestInspection): boolean {
  return goal.vmState === 'deleted'
    ? guest.guest === 'absent' && guest.belongings.length === 0
    : vmStateSeen(guest) === goal.vmState;
}

/** The stable state that a guest's looks stand for; `error` when they stand for none. */
export function vmStateSeen({ powerState, savedMemory }: GuestInspection): VmState {
  switch (powerState) {
    case 'RUNNING':
      return 'active';
    case 'PAUSED':
      return 'paused';
    case 'SUSPENDED':
      return 'suspended';
    case 'SHUTDOWN':
      return savedMemory === 'present' ? 'suspended' : 'stopped';
    case 'CRASHED':
    case 'NOSTATE':
      return 'error';
  }
}

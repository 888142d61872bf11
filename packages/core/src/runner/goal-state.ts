import type { GuestInspection, PowerState } from '../driver/index.js';
import type { Goal, Operation } from '../model/operations/operation.js';
import type { VmState } from '../model/vm-state.js';

/** The states in which an operation leaves an instance that was in vm state `before` and whose guest is now as `seen`. */
export function goalOf(
  { vmState, powerState }: Goal,
  before: VmState,
  seen: PowerState,
): { readonly vmState: VmState; readonly powerState: PowerState } {
  const reached = powerState === 'as-seen' ? seen : powerState;
  if (vmState === 'unchanged') return { vmState: before, powerState: reached };
  if (vmState !== 'by-power-state') return { vmState, powerState: reached };
  return { vmState: vmStateSeen({ powerState: reached, savedMemory: 'absent' }), powerState: reached };
}

/**
 * The vm state that is true after an operation has failed, from what the driver says of the guest. An instance whose guest
 * does not stand where any stable state would have it is in `error`, from which a hard reboot or a delete leads out.
 */
export function vmStateAfterFailure(operation: Operation, before: VmState, guest: GuestInspection): VmState {
  if (before === 'building') return 'error';
  const offIsNoSurprise = operation.failedVmState === 'unchanged';
  if (fits(before, guest) && (offIsNoSurprise || vmStateSeen(guest) === before || standsApart(before))) return before;
  const seen = vmStateSeen(guest);
  if (seen === 'active' || seen === 'paused' || seen === 'suspended' || seen === 'rescued') return seen;
  if (seen === 'stopped' && offIsNoSurprise) return 'stopped';
  return before === 'stopped' && offIsNoSurprise ? 'stopped' : 'error';
}

/** Whether the guest stands where the operation wanted it, so that an operation of unknown outcome has in fact happened. */
export function goalReached({ action, goal }: Operation, guest: GuestInspection): boolean {
  const { vmState } = goal;
  // A guest that runs does not prove a reboot: it may be the old life.
  if (action === 'reboot') return false;
  // That a guest is as it was, or in any of its states, proves nothing.
  if (vmState === 'unchanged' || vmState === 'by-power-state') return false;
  // That the guest is gone does not tell whether its volumes and interfaces were given back.
  if (vmState === 'deleted') return false;
  if (vmState === 'shelved_offloaded') {
    return guest.guest === 'absent' && guest.belongings.length === 0;
  }
  // States that look like others: only the record tells them apart.
  if (vmState === 'resized' || vmState === 'shelved' || vmState === 'soft-delete') return false;
  return vmStateSeen(guest) === vmState;
}

/** The stable state that a guest's looks stand for; `error` when they stand for none. */
export function vmStateSeen({
  powerState,
  savedMemory,
  bootsFrom,
}: Pick<GuestInspection, 'powerState' | 'savedMemory' | 'bootsFrom'>): VmState {
  switch (powerState) {
    case 'RUNNING':
      return bootsFrom === 'rescue-image' ? 'rescued' : 'active';
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

/** Whether a guest may look like this while its instance is in a vm state. */
export function fits(vmState: VmState, guest: GuestInspection): boolean {
  switch (vmState) {
    case 'resized':
      return guest.powerState === 'RUNNING' || guest.powerState === 'SHUTDOWN';
    case 'shelved':
      // What it was is in its image; a guest that is gone is made from there again.
      return guest.guest === 'absent' || vmStateSeen(guest) === 'stopped' || vmStateSeen(guest) === 'suspended';
    case 'soft-delete':
      return vmStateSeen(guest) === 'stopped' || vmStateSeen(guest) === 'suspended';
    case 'shelved_offloaded':
    case 'deleted':
      return guest.guest === 'absent';
    default:
      return vmStateSeen(guest) === vmState;
  }
}

/** States that a guest's looks alone do not give away. */
function standsApart(vmState: VmState): boolean {
  return ['resized', 'soft-delete', 'shelved', 'shelved_offloaded'].includes(vmState);
}

import type { GuestInspection, PowerState } from '../driver/index.js';
import type { InstancePatch } from '../model/instance.js';
import type { Migration } from '../model/migration.js';
import type { VmState } from '../model/vm-state.js';
import { fits, vmStateSeen } from '../runner/goal-state.js';
import type { StoreWrite } from '../store/store-write.js';

/** Where a move that was cut off has come to rest, both ends having been asked. */
export interface SettledMove {
  /** `arrived`: it is done. `returned`: the instance is where it was. `moved on`: done, and the instance is another host's by now. */
  readonly end: 'arrived' | 'returned' | 'moved on';
  readonly vmState: VmState;
  readonly powerState: PowerState;
  /** What else is true of the instance. */
  readonly patch: InstancePatch;
  /** The end of the move's record. */
  readonly writes: readonly StoreWrite[];
}

/** The vm state of an instance that is back where it was. */
export function vmStateBack({ vmStateBefore }: Migration, guest: GuestInspection): VmState {
  return fits(vmStateBefore, guest) ? vmStateBefore : vmStateSeen(guest);
}

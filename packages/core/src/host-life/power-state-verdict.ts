import type { GuestInspection, PowerState } from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import type { OperationName } from '../model/operation-table.js';
import { usualPowerStates, waysBack, type PowerStateTable } from '../model/power-state-policy.js';
import type { VmState } from '../model/vm-state.js';
import { vmStateSeen } from '../runner/goal-state.js';

/** What an instance's record should say. */
export interface PowerTruth {
  readonly vmState: VmState;
  readonly powerState: PowerState;
}

/** What is to be done about an idle instance whose guest was looked at. */
export type PowerStateVerdict =
  /** The record says what is true, but maybe for the power state. */
  | { readonly verdict: 'usual'; readonly truth: PowerTruth }
  | { readonly verdict: 'adopt'; readonly truth: PowerTruth }
  | { readonly verdict: 'enforce'; readonly truth: PowerTruth; readonly operation: OperationName }
  | { readonly verdict: 'alert'; readonly truth: PowerTruth };

/** Looks a guest up in the table. Pure. */
export function verdictOn(
  { vmState }: Pick<Instance, 'vmState'>,
  guest: GuestInspection,
  table: PowerStateTable,
): PowerStateVerdict {
  const { powerState } = guest;
  const truth = { vmState, powerState };
  if (isUsual(vmState, guest)) return { verdict: 'usual', truth };
  const reaction = table[vmState]?.[powerState] ?? 'alert';
  if (reaction === 'alert') return { verdict: 'alert', truth };
  if (reaction === 'adopt') return { verdict: 'adopt', truth: { vmState: adopted(vmState, guest), powerState } };
  const way = waysBack[vmState]?.[powerState];
  // A hypervisor that has a guest and cannot tell its state is in no condition to be asked to start it.
  if (!way || (powerState === 'NOSTATE' && guest.guest === 'present')) return { verdict: 'alert', truth };
  return { verdict: 'enforce', truth: { vmState: way.from, powerState }, operation: way.operation };
}

function isUsual(vmState: VmState, guest: GuestInspection): boolean {
  if (vmState === 'suspended' && vmStateSeen(guest) === 'suspended') return true;
  return usualPowerStates[vmState].includes(guest.powerState);
}

/** The vm states that say no more than what a guest looks like. The others are left by operations alone. */
const followers: readonly VmState[] = ['active', 'stopped', 'paused', 'suspended'];

function adopted(vmState: VmState, guest: GuestInspection): VmState {
  if (!followers.includes(vmState) || guest.powerState === 'NOSTATE') return vmState;
  // A crashed guest does not run and has lost nothing that a start needs.
  return guest.powerState === 'CRASHED' ? 'stopped' : vmStateSeen(guest);
}

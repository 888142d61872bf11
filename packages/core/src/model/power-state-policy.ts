import type { PowerState } from '../driver/index.js';
import type { OperationName } from './operation-table.js';
import type { VmState } from './vm-state.js';

/**
 * What is done about a guest that is not as its record has it.
 * - `adopt`: the record follows the guest. Where no vm state says what was seen, only its power state does.
 * - `enforce`: an action of the service brings the guest back to where the record has it. One that fails leaves what is true, and a fault.
 * - `alert`: it is told, once, to listeners and in the outbox; the record keeps its vm state.
 */
export const powerStateReactions = ['adopt', 'enforce', 'alert'] as const;
export type PowerStateReaction = (typeof powerStateReactions)[number];

/** By the vm state of the record, then by the power state that was seen. */
export type PowerStateTable = {
  readonly [Vm in VmState]?: { readonly [Power in PowerState]?: PowerStateReaction };
};

/** Power states that belong to a vm state: nothing is done about them, and they are no rows. A vm state that is missing has no business on a host. */
export const usualPowerStates: { readonly [Vm in VmState]: readonly PowerState[] } = {
  building: ['NOSTATE', 'RUNNING', 'PAUSED', 'SHUTDOWN', 'CRASHED', 'SUSPENDED'],
  active: ['RUNNING'],
  stopped: ['SHUTDOWN', 'CRASHED'],
  paused: ['PAUSED'],
  suspended: ['SUSPENDED'],
  rescued: ['RUNNING'],
  resized: ['RUNNING', 'SHUTDOWN'],
  'soft-delete': ['SHUTDOWN', 'SUSPENDED', 'CRASHED', 'NOSTATE'],
  shelved: ['SHUTDOWN', 'SUSPENDED', 'CRASHED', 'NOSTATE'],
  shelved_offloaded: ['NOSTATE'],
  deleted: ['NOSTATE'],
  // Nobody knows where it should be; a hard reboot, a rebuild or a delete decides it.
  error: ['NOSTATE', 'RUNNING', 'PAUSED', 'SHUTDOWN', 'CRASHED', 'SUSPENDED'],
};

/**
 * Nothing that was not started by us is killed, and nothing that is lost is taken for stopped: a guest that is gone, or in a state that
 * only an operation may end, is told to the operator.
 */
export const defaultPowerStateTable: PowerStateTable = {
  active: { SHUTDOWN: 'adopt', CRASHED: 'adopt', PAUSED: 'adopt', SUSPENDED: 'adopt', NOSTATE: 'alert' },
  stopped: { RUNNING: 'adopt', PAUSED: 'adopt', SUSPENDED: 'adopt', NOSTATE: 'alert' },
  paused: { RUNNING: 'adopt', SHUTDOWN: 'adopt', CRASHED: 'adopt', SUSPENDED: 'adopt', NOSTATE: 'alert' },
  suspended: { RUNNING: 'adopt', PAUSED: 'adopt', SHUTDOWN: 'adopt', CRASHED: 'adopt', NOSTATE: 'alert' },
  rescued: { SHUTDOWN: 'alert', CRASHED: 'alert', PAUSED: 'alert', SUSPENDED: 'alert', NOSTATE: 'alert' },
  resized: { CRASHED: 'alert', PAUSED: 'alert', SUSPENDED: 'alert', NOSTATE: 'alert' },
  'soft-delete': { RUNNING: 'alert', PAUSED: 'alert' },
  shelved: { RUNNING: 'alert', PAUSED: 'alert' },
};

/** How a guest is brought back: from the vm state that was seen, an operation that starts there. */
export interface WayBack {
  readonly from: VmState;
  readonly operation: OperationName;
}

/** Rows that can be enforced. The others have no operation that leads back, or one that would lose what the guest has. */
export const waysBack: { readonly [Vm in VmState]?: { readonly [Power in PowerState]?: WayBack } } = {
  active: {
    SHUTDOWN: { from: 'stopped', operation: 'start' },
    CRASHED: { from: 'stopped', operation: 'start' },
    NOSTATE: { from: 'stopped', operation: 'start' },
    PAUSED: { from: 'paused', operation: 'unpause' },
    SUSPENDED: { from: 'suspended', operation: 'resume' },
  },
  stopped: {
    RUNNING: { from: 'active', operation: 'stop' },
    PAUSED: { from: 'paused', operation: 'forceStop' },
  },
  paused: { RUNNING: { from: 'active', operation: 'pause' } },
  suspended: { RUNNING: { from: 'active', operation: 'suspend' } },
};

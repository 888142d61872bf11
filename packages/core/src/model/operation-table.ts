import type { Capability, PowerState } from '../driver/index.js';
import type { TaskState } from './task-state.js';
import { vmStates, type VmState } from './vm-state.js';

/**
 * How an instance is settled whose operation was cut off by the death of the process.
 * - `finish-or-redo`: the driver is asked; if the goal is reached the operation is finished, otherwise it is done again.
 * - `give-up`: it ends as failed with what is there; nothing is destroyed.
 */
export type RecoveryPolicy = 'finish-or-redo' | 'give-up';

export type OperationName =
  'build' | 'terminate' | 'start' | 'stop' | 'softReboot' | 'hardReboot' | 'pause' | 'unpause' | 'suspend' | 'resume';

export interface Operation {
  /** Name of the action in the records, as Nova spells it. */
  readonly action: string;
  /** The stem of its notifications: `instance.<this>.start`. */
  readonly notification: string;
  /** As it reads in a sentence: "Cannot … instance x". */
  readonly verb: string;
  /** What the driver must be able to do; `null`: every driver is. */
  readonly capability: Capability | null;
  /** From which vm states it starts. */
  readonly vmStates: readonly VmState[];
  /** From which task states it starts beside none; `'any'` overtakes whatever runs. */
  readonly overTaskStates: readonly TaskState[] | 'any';
  /** Task states it passes, in order. The first is set when the request is accepted. */
  readonly taskStates: readonly [TaskState, ...TaskState[]];
  /** Where it ends. */
  readonly goal: { readonly vmState: VmState; readonly powerState: PowerState };
  /** The vm state after a failure, where the guest's power state does not tell. */
  readonly failedVmState: 'unchanged' | 'error';
  /**
   * What the driver is asked to do about a guest that does not run after a failure, so that nothing of the attempt is left:
   * `power-off` leaves the disks, `destroy` leaves nothing.
   */
  readonly afterFailure: 'power-off' | 'destroy';
  readonly recovery: RecoveryPolicy;
}

/**
 * Every operation on an instance: from where it starts, what it passes, where it ends. Gating, the manager, recovery, the
 * tests and the diagram in ARCHITECTURE.md are drawn from this table. Rows follow Nova's (`nova/compute/api.py`).
 */
export const operations: Readonly<Record<OperationName, Operation>> = {
  build: {
    action: 'create',
    notification: 'create',
    verb: 'build',
    capability: null,
    vmStates: ['building'],
    overTaskStates: ['scheduling'],
    taskStates: ['scheduling', 'spawning'],
    goal: { vmState: 'active', powerState: 'RUNNING' },
    failedVmState: 'error',
    afterFailure: 'destroy',
    recovery: 'give-up',
  },
  terminate: {
    action: 'delete',
    notification: 'delete',
    verb: 'delete',
    capability: null,
    vmStates: everyVmStateBut('deleted'),
    overTaskStates: 'any',
    taskStates: ['deleting'],
    goal: { vmState: 'deleted', powerState: 'NOSTATE' },
    failedVmState: 'error',
    afterFailure: 'power-off',
    recovery: 'finish-or-redo',
  },
  start: {
    action: 'start',
    notification: 'power_on',
    verb: 'start',
    capability: 'power',
    vmStates: ['stopped'],
    overTaskStates: [],
    taskStates: ['powering-on'],
    goal: { vmState: 'active', powerState: 'RUNNING' },
    failedVmState: 'unchanged',
    afterFailure: 'power-off',
    recovery: 'finish-or-redo',
  },
  stop: {
    action: 'stop',
    notification: 'power_off',
    verb: 'stop',
    capability: 'power',
    vmStates: ['active', 'error'],
    overTaskStates: [],
    taskStates: ['powering-off'],
    goal: { vmState: 'stopped', powerState: 'SHUTDOWN' },
    failedVmState: 'unchanged',
    afterFailure: 'power-off',
    recovery: 'finish-or-redo',
  },
  softReboot: {
    action: 'reboot',
    notification: 'reboot',
    verb: 'reboot',
    capability: 'reboot',
    vmStates: ['active'],
    overTaskStates: [],
    taskStates: ['rebooting', 'reboot_pending', 'reboot_started'],
    goal: { vmState: 'active', powerState: 'RUNNING' },
    failedVmState: 'error',
    afterFailure: 'power-off',
    recovery: 'finish-or-redo',
  },
  hardReboot: {
    action: 'reboot',
    notification: 'reboot',
    verb: 'reboot',
    capability: 'reboot',
    vmStates: ['active', 'stopped', 'paused', 'suspended', 'error'],
    overTaskStates: [],
    taskStates: ['rebooting_hard', 'reboot_pending_hard', 'reboot_started_hard'],
    goal: { vmState: 'active', powerState: 'RUNNING' },
    failedVmState: 'error',
    afterFailure: 'power-off',
    recovery: 'finish-or-redo',
  },
  pause: {
    action: 'pause',
    notification: 'pause',
    verb: 'pause',
    capability: 'pause',
    vmStates: ['active'],
    overTaskStates: [],
    taskStates: ['pausing'],
    goal: { vmState: 'paused', powerState: 'PAUSED' },
    failedVmState: 'error',
    afterFailure: 'power-off',
    recovery: 'finish-or-redo',
  },
  unpause: {
    action: 'unpause',
    notification: 'unpause',
    verb: 'unpause',
    capability: 'pause',
    vmStates: ['paused'],
    overTaskStates: [],
    taskStates: ['unpausing'],
    goal: { vmState: 'active', powerState: 'RUNNING' },
    failedVmState: 'error',
    afterFailure: 'power-off',
    recovery: 'finish-or-redo',
  },
  suspend: {
    action: 'suspend',
    notification: 'suspend',
    verb: 'suspend',
    capability: 'suspend',
    vmStates: ['active'],
    overTaskStates: [],
    taskStates: ['suspending'],
    goal: { vmState: 'suspended', powerState: 'SUSPENDED' },
    failedVmState: 'error',
    afterFailure: 'power-off',
    recovery: 'finish-or-redo',
  },
  resume: {
    action: 'resume',
    notification: 'resume',
    verb: 'resume',
    capability: 'suspend',
    vmStates: ['suspended'],
    overTaskStates: [],
    taskStates: ['resuming'],
    goal: { vmState: 'active', powerState: 'RUNNING' },
    failedVmState: 'error',
    afterFailure: 'power-off',
    recovery: 'finish-or-redo',
  },
};

function everyVmStateBut(excepted: VmState): readonly VmState[] {
  return vmStates.filter((state) => state !== excepted);
}

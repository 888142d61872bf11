import type { Capability, DriverMethodName, PowerState } from '../../driver/index.js';
import type { TaskState } from '../task-state.js';
import type { VmState } from '../vm-state.js';

/**
 * How an instance is settled whose operation was cut off by the death of the process. The driver is asked first, always.
 * - `finish-or-redo`: if the goal is reached the operation is finished, otherwise it is done again.
 * - `redo`: it is done again, whatever is there: all it asks of the driver may be repeated.
 * - `finish-or-give-up`: if the guest that it was to spawn is there it is finished, otherwise it ends as failed, as with `give-up`.
 * - `give-up`: it ends as failed with what is there; nothing is destroyed.
 * - `settle-move`: both ends are asked where the guest is; the move is finished there, or ends as failed.
 */
export type RecoveryPolicy = 'finish-or-redo' | 'redo' | 'finish-or-give-up' | 'give-up' | 'settle-move';

/** Where an operation ends. */
export interface Goal {
  /** `by-power-state`: active, stopped, paused or suspended, as the guest is. */
  readonly vmState: VmState | 'unchanged' | 'by-power-state';
  /** `as-seen`: the driver is asked. */
  readonly powerState: PowerState | 'as-seen';
}

/** What an operation asks of drivers at one point: a call, or, by what the case is, this or that row of calls, whole and in order. */
export type DriverStep = DriverMethodName | Readonly<Record<string, readonly DriverMethodName[]>>;

export interface Operation {
  /** Name of the action in the records, as Nova spells it. */
  readonly action: string;
  /** The stem of its notifications: `instance.<this>.start`. */
  readonly notification: string;
  /** As it reads in a sentence: "Cannot … instance x". */
  readonly verb: string;
  /** The method of the manager that does it. */
  readonly method: string;
  /** The methods of Nova's manager that it stands for, all of them. */
  readonly nova: readonly string[];
  /** What the driver must be able to do; `null`: every driver is. */
  readonly capability: Capability | null;
  /**
   * All that it asks of drivers when it succeeds, of both ends of a move, in order; of drivers with every ability that no case speaks of, for
   * an instance with at most one volume. Questions are left out, whoever asks them: `inspect`, `getInfo` and `getAvailableResource`.
   */
  readonly driverCalls: readonly DriverStep[];
  /** What it may ask beside these when it fails, to take back what it has done. What recovery and {@link afterFailure} ask is not among it. */
  readonly undoCalls: readonly DriverMethodName[];
  /** Who may ask for it. */
  readonly who: 'tenant' | 'admin';
  /** Whether a lock of its owner or an administrator keeps tenants from it. */
  readonly lock: 'heeds' | 'ignores';
  /** From which vm states it starts. */
  readonly vmStates: readonly VmState[];
  /** From which task states it starts beside none; `'any'` overtakes and cancels whatever runs. */
  readonly overTaskStates: readonly TaskState[] | 'any';
  /** Task states it does not overtake, where it overtakes any other: what would be left half done on two hosts, or is an end. */
  readonly spares: readonly TaskState[];
  /** Task states it passes, in order. The first is set when the request is accepted. */
  readonly taskStates: readonly [TaskState, ...TaskState[]];
  readonly goal: Goal;
  /** The vm state after a failure, where the guest's power state does not tell. */
  readonly failedVmState: 'unchanged' | 'error';
  /**
   * What the driver is asked to do about a guest that does not run after a failure, so that nothing of the attempt is left:
   * `power-off` leaves the disks, `destroy` leaves nothing, `leave` asks for nothing: the operation undoes its own.
   */
  readonly afterFailure: 'power-off' | 'destroy' | 'leave';
  /** What must be left on the host before it begins: what the instance's flavor asks for, or nothing more than it has. */
  readonly claims: 'flavor' | 'nothing';
  readonly recovery: RecoveryPolicy;
}

/** What most rows have in common. */
export const usualOperation = {
  who: 'tenant',
  lock: 'heeds',
  undoCalls: [],
  overTaskStates: [],
  spares: [],
  failedVmState: 'error',
  afterFailure: 'power-off',
  claims: 'nothing',
  recovery: 'finish-or-redo',
} as const satisfies Partial<Operation>;

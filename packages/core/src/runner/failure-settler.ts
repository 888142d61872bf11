import {
  isComputeError,
  suppress,
  supports,
  type Clock,
  type DriverLog,
  type GuestInspection,
} from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import { askedOfDriver } from '../guard/driver-failures.js';
import type { Instance, InstancePatch } from '../model/instance.js';
import { isUnsettled } from '../model/unsettled.js';
import type { HostTenure } from '../records/host-tenure.js';
import { fits, goalReached, vmStateAfterFailure } from './goal-state.js';
import type { FailureTruth, InstanceTask } from './instance-task.js';
import type { Quarantine } from './quarantine.js';
import { nothingSettled, type SettledSteps } from './settle-steps.js';
import { undoTime } from './undo-time.js';

export interface FailureSettlerOptions {
  readonly driver: GuestDriver;
  readonly quarantine: Quarantine;
  readonly tenure: Pick<HostTenure, 'isLost'>;
  readonly clock: Clock;
  readonly log: DriverLog;
  /** How long after the deadline of its action an operation may go on taking back what it has done. */
  readonly undoMs: number;
}

/** How a failed operation ends: as a failure, with the truth on record, or, where its work turns out to be done, as a success. */
export type Settlement = 'failed' | 'done after all';

/**
 * What is done about a failed operation before its failure leaves: the driver is asked what is true, has to remove what the attempt
 * has left, and the true state is saved. Whatever goes wrong with that joins the failure and never replaces it.
 */
export class FailureSettler {
  readonly #options: FailureSettlerOptions;

  constructor(options: FailureSettlerOptions) {
    this.#options = options;
  }

  /** Never rejects. `preempted` is what this operation has preempted and settled; it is on record with the truth. */
  async settle(task: InstanceTask, failure: unknown, preempted: SettledSteps = nothingSettled): Promise<Settlement> {
    // The manager that looks after the host now settles the operation: what was done of it belongs to that one.
    if (this.#options.tenure.isLost) return 'failed';
    const { clock, undoMs } = this.#options;
    using time = undoTime(task, clock, undoMs);
    return await this.#settle(task, failure, preempted, time.signal);
  }

  async #settle(
    task: InstanceTask,
    failure: unknown,
    preempted: SettledSteps,
    signal: AbortSignal,
  ): Promise<Settlement> {
    // Another action holds the instance now: its state, and the steps that are on record, are for that action to settle.
    if (isPreempted(failure)) {
      if (!task.isRecorded) await this.#undo(task, failure, signal);
      return 'failed';
    }
    const before = task.instance;
    // Even where the driver here can tell something: whoever settles it asks everybody.
    if (isUnsettled(failure)) this.#options.quarantine.hold(before.uuid);
    const claimed = claimsNothing(failure, task) ? await this.#check(failure, task, signal) : undefined;
    if (claimed === 'true') {
      const left = await this.#undo(task, failure, signal);
      const vmState = before.vmState === 'building' ? 'error' : before.vmState;
      await this.#save(task, failure, { ...left, vmState, powerState: before.powerState }, preempted);
      return 'failed';
    }
    const found = claimed ?? (await this.#inspect(failure, task, signal));
    const isDone = found !== undefined && isDoneAfterAll(failure, task, found);
    const guest = found && (isDone && runs(found) ? found : await this.#cleanUp(failure, task, found, signal));
    if (isDone) return 'done after all';
    const left = await this.#undo(task, failure, signal);
    const truth = guest
      ? { vmState: vmStateAfterFailure(task.operation, before.vmState, guest), powerState: guest.powerState }
      : ({ vmState: 'error', powerState: 'NOSTATE' } as const);
    const seen = guest && { ...task.imageSeen(guest), ...task.markSeen(guest) };
    await this.#save(task, failure, { ...left, ...seen, ...truth }, preempted);
    return 'failed';
  }

  /**
   * Whether a failure that claims to have changed nothing says the truth: `'true'`, or what was found instead. A driver that cannot be asked is
   * believed, since most of them claim it because their hypervisor does not answer. Who was not asked for a change has made none.
   */
  async #check(failure: unknown, task: InstanceTask, signal: AbortSignal): Promise<'true' | GuestInspection> {
    if (askedOfDriver(failure) !== 'a change' || isComputeError(failure, 'SESSION_LOST')) return 'true';
    const { instance, operation } = task;
    let found: GuestInspection;
    try {
      found = await this.#options.driver.inspect({ instance }, { signal });
    } catch (secondary) {
      this.#note(failure, secondary, instance.uuid, 'find out whether nothing has changed');
      return 'true';
    }
    if (isAsBefore(instance, found)) return 'true';
    const { vmState, powerState } = instance;
    const fields = {
      instanceUuid: instance.uuid,
      operation: operation.action,
      vmState,
      powerState,
      seen: found.powerState,
    };
    if (isComputeError(failure, 'GUEST_LOST')) this.#options.log.warn(fields, 'guest lost');
    else
      this.#options.log.error(
        { err: failure, ...fields },
        'driver effect contradicted: it claims to have changed nothing',
      );
    return found;
  }

  /** Takes back what the operation has done, and answers what its record has to say of the rest. */
  async #undo(task: InstanceTask, failure: unknown, signal: AbortSignal): Promise<InstancePatch> {
    if (isComputeError(failure, 'SESSION_LOST')) return {};
    const { tenure } = this.#options;
    const note = (secondary: unknown, duty: string): void => this.#note(failure, secondary, task.instance.uuid, duty);
    const { patch, inTime } = await task.undo.run({ note, tenure, signal });
    return inTime ? patch : task.leaveSteps(patch);
  }

  async #inspect(
    failure: unknown,
    { instance, inspection }: InstanceTask,
    signal: AbortSignal,
  ): Promise<GuestInspection | undefined> {
    const { uuid } = instance;
    try {
      return await (inspection ? inspection() : this.#options.driver.inspect({ instance }, { signal }));
    } catch (secondary) {
      this.#note(failure, secondary, uuid, 'find out what is true');
      this.#options.quarantine.hold(uuid);
      return undefined;
    }
  }

  /** Has the driver remove what the attempt has left, and answers with what is true then. A guest that runs is left alone. */
  async #cleanUp(
    failure: unknown,
    task: InstanceTask,
    guest: GuestInspection,
    signal: AbortSignal,
  ): Promise<GuestInspection | undefined> {
    const { driver } = this.#options;
    const { instance } = task;
    const { uuid } = instance;
    const destroys = task.operation.afterFailure === 'destroy';
    if (task.operation.afterFailure === 'leave') return guest;
    const nothingLeft = guest.guest === 'absent' && guest.belongings.length === 0;
    if (nothingLeft || (runs(guest) && !destroys) || !(destroys || supports(driver, 'power'))) return guest;
    try {
      await (destroys
        ? driver.destroy({ instance }, { signal })
        : driver.with('power').powerOff({ instance }, { signal }));
    } catch (secondary) {
      this.#note(failure, secondary, uuid, 'clean up');
    }
    return await this.#inspect(failure, task, signal);
  }

  async #save(task: InstanceTask, failure: unknown, truth: FailureTruth, preempted: SettledSteps): Promise<void> {
    const { uuid } = task.instance;
    try {
      await task.fail(failure, { ...preempted.patch, ...truth }, preempted.writes);
    } catch (secondary) {
      this.#note(failure, secondary, uuid, 'save the state');
      // A record that does not say what is true is looked after until it does; one that another action holds is that action's.
      if (!isComputeError(secondary, 'UNEXPECTED_TASK_STATE')) this.#options.quarantine.hold(uuid);
    }
  }

  #note(failure: unknown, secondary: unknown, instanceUuid: string, duty: string): void {
    this.#options.log.error({ err: secondary, instanceUuid }, `after a failure it was not possible to ${duty}`);
    suppress(failure, secondary, `${duty} after the failure`);
  }
}

function claimsNothing(failure: unknown, { guest }: InstanceTask): boolean {
  return isComputeError(failure) && failure.effect === 'none' && guest === 'as it was';
}

/** Whether a guest is as its record had it before the operation began. */
function isAsBefore({ vmState, powerState }: Instance, found: GuestInspection): boolean {
  if (vmState === 'building') return found.guest === 'absent' && found.belongings.length === 0;
  return found.powerState === powerState || fits(vmState, found);
}

/** Whether another action has taken the instance over, or has ended this one for not ending in time. */
export function isPreempted(failure: unknown): boolean {
  return isComputeError(failure, 'UNEXPECTED_TASK_STATE') || isComputeError(failure, 'UNEXPECTED_ACTION_STATE');
}

function runs({ powerState }: GuestInspection): boolean {
  return powerState === 'RUNNING' || powerState === 'PAUSED';
}

/** Whether an operation of unknown outcome has reached its goal. */
function isDoneAfterAll(failure: unknown, task: InstanceTask, guest: GuestInspection): boolean {
  const outcomeOpen = isComputeError(failure) && (failure.effect === 'unknown' || failure.effect === 'done');
  return outcomeOpen && goalReached(task.operation, guest);
}

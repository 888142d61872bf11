import { isComputeError, suppress, supports, type DriverLog, type GuestInspection } from '../driver/index.js';
import type { GuardedDriver } from '../guard/guarded-driver.js';
import type { InstancePatch } from '../model/instance.js';
import { isUnsettled } from '../model/unsettled.js';
import type { HostTenure } from '../records/host-tenure.js';
import { goalReached, vmStateAfterFailure } from './goal-state.js';
import type { FailureTruth, InstanceTask } from './instance-task.js';
import type { Quarantine } from './quarantine.js';

export interface FailureSettlerOptions {
  readonly driver: GuardedDriver;
  readonly quarantine: Quarantine;
  readonly tenure: Pick<HostTenure, 'isLost'>;
  readonly log: DriverLog;
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

  /** Never rejects. */
  async settle(task: InstanceTask, failure: unknown): Promise<Settlement> {
    // The manager that looks after the host now settles the operation: what was done of it belongs to that one.
    if (this.#options.tenure.isLost) return 'failed';
    // Another action holds the instance now, and its state is that one's to find out.
    if (isComputeError(failure, 'UNEXPECTED_TASK_STATE')) {
      await this.#undo(task, failure);
      return 'failed';
    }
    const before = task.instance;
    // Even where the driver here can tell something: whoever settles it asks everybody.
    if (isUnsettled(failure)) this.#options.quarantine.hold(before.uuid);
    if (isComputeError(failure) && failure.effect === 'none' && task.guest === 'as it was') {
      const left = await this.#undo(task, failure);
      const vmState = before.vmState === 'building' ? 'error' : before.vmState;
      await this.#save(task, failure, { ...left, vmState, powerState: before.powerState });
      return 'failed';
    }
    const found = await this.#inspect(failure, task);
    const isDone = found !== undefined && isDoneAfterAll(failure, task, found);
    const guest = found && (isDone && runs(found) ? found : await this.#cleanUp(failure, task, found));
    if (isDone) return 'done after all';
    const left = await this.#undo(task, failure);
    const truth = guest
      ? { vmState: vmStateAfterFailure(task.operation, before.vmState, guest), powerState: guest.powerState }
      : ({ vmState: 'error', powerState: 'NOSTATE' } as const);
    await this.#save(task, failure, { ...left, ...truth });
    return 'failed';
  }

  /** Takes back what the operation has done, and answers what its record has to say of the rest. */
  async #undo(task: InstanceTask, failure: unknown): Promise<InstancePatch> {
    if (isComputeError(failure, 'SESSION_LOST')) return {};
    const { tenure } = this.#options;
    return await task.undo.run((secondary, duty) => this.#note(failure, secondary, task.instance.uuid, duty), tenure);
  }

  async #inspect(failure: unknown, { instance, inspection }: InstanceTask): Promise<GuestInspection | undefined> {
    const { uuid } = instance;
    try {
      return await (inspection ? inspection() : this.#options.driver.inspect(uuid));
    } catch (secondary) {
      this.#note(failure, secondary, uuid, 'find out what is true');
      this.#options.quarantine.hold(uuid);
      return undefined;
    }
  }

  /** Has the driver remove what the attempt has left, and answers with what is true then. A guest that runs is left alone. */
  async #cleanUp(failure: unknown, task: InstanceTask, guest: GuestInspection): Promise<GuestInspection | undefined> {
    const { driver } = this.#options;
    const { uuid } = task.instance;
    const destroys = task.operation.afterFailure === 'destroy';
    if (task.operation.afterFailure === 'leave') return guest;
    const nothingLeft = guest.guest === 'absent' && guest.belongings.length === 0;
    if (nothingLeft || (runs(guest) && !destroys) || !(destroys || supports(driver, 'power'))) return guest;
    try {
      await (destroys ? driver.destroy(uuid) : driver.with('power').powerOff(uuid));
    } catch (secondary) {
      this.#note(failure, secondary, uuid, 'clean up');
    }
    return await this.#inspect(failure, task);
  }

  async #save(task: InstanceTask, failure: unknown, truth: FailureTruth): Promise<void> {
    const { uuid } = task.instance;
    try {
      await task.fail(failure, truth);
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

function runs({ powerState }: GuestInspection): boolean {
  return powerState === 'RUNNING' || powerState === 'PAUSED';
}

/** Whether an operation of unknown outcome has reached its goal. */
function isDoneAfterAll(failure: unknown, task: InstanceTask, guest: GuestInspection): boolean {
  const outcomeOpen = isComputeError(failure) && (failure.effect === 'unknown' || failure.effect === 'done');
  return outcomeOpen && goalReached(task.operation, guest);
}

import {
  isComputeError,
  suppress,
  supports,
  type CallOptions,
  type Clock,
  type DriverLog,
  type GuestInspection,
} from '../driver/index.js';
import type { GuardedDriver } from '../guard/guarded-driver.js';
import type { InstanceLanes } from '../guard/instance-lanes.js';
import type { Instance } from '../model/instance.js';
import { operation, type OperationName } from '../model/operation-table.js';
import type { RequestContext } from '../model/request-context.js';
import type { Records } from '../records.js';
import { requestScope } from '../request-scope.js';
import { InstanceTask } from './instance-task.js';
import type { Quarantine } from './quarantine.js';
import { goalReached, vmStateAfterFailure } from './vm-state-after-failure.js';

export interface OperationRunnerOptions {
  readonly host: string;
  readonly driver: GuardedDriver;
  readonly records: Records;
  readonly lanes: InstanceLanes;
  readonly quarantine: Quarantine;
  readonly clock: Clock;
  readonly log: DriverLog;
}

export interface OperationRun {
  readonly name: OperationName;
  readonly context: RequestContext;
  readonly instance: Instance;
  readonly options: CallOptions;
}

/**
 * What all operations have in common, around the few lines each has of its own: its turn in the instance's lane, the hold on
 * the task state, the true end state, after a failure too.
 */
export class OperationRunner {
  readonly #options: OperationRunnerOptions;

  constructor(options: OperationRunnerOptions) {
    this.#options = options;
  }

  /** Resolves with the instance at the operation's goal. Rejects with the first error; the vm state is then what is true. */
  async run(run: OperationRun, work: (task: InstanceTask, signal: AbortSignal) => Promise<void>): Promise<Instance> {
    const { driver, lanes, quarantine } = this.#options;
    const row = operation(run.name);
    if (row.capability) driver.with(row.capability);
    const overtakes = row.overTaskStates === 'any';
    const entry = {
      instanceUuid: run.instance.uuid,
      operation: row.verb,
      manner: overtakes ? ('overtake' as const) : ('wait' as const),
      signal: run.options.signal,
    };
    const scope = { requestId: run.context.requestId, instanceUuid: run.instance.uuid };
    const turn = async (signal: AbortSignal): Promise<Instance> => {
      if (!overtakes) quarantine.refuse(run.instance.uuid, row.verb);
      const task = await this.#begin(run);
      try {
        await work(task, signal);
      } catch (failure) {
        return await this.#settleFailure(task, failure);
      }
      if (overtakes) quarantine.release(run.instance.uuid);
      return await this.#succeed(task);
    };
    return await requestScope.run(scope, () => lanes.enter(entry, turn));
  }

  async #begin({ name, context, instance }: OperationRun): Promise<InstanceTask> {
    const { host, records, clock, quarantine } = this.#options;
    try {
      return await InstanceTask.begin(instance, { operation: operation(name), context, host, records, clock });
    } catch (failure) {
      // Nothing was begun; but the request was accepted, and its record must not stay as it is.
      if (isComputeError(failure, 'STORE_UNAVAILABLE')) quarantine.hold(instance.uuid);
      throw failure;
    }
  }

  async #succeed(task: InstanceTask): Promise<Instance> {
    try {
      return await task.succeed();
    } catch (failure) {
      // The guest is where it should be and the record does not say so: somebody must go on trying.
      if (!isComputeError(failure, 'UNEXPECTED_TASK_STATE')) this.#options.quarantine.hold(task.instance.uuid);
      throw failure;
    }
  }

  /** Finds out what is true, saves that, and rethrows; or, where the work turns out to be done, ends the operation well. */
  async #settleFailure(task: InstanceTask, failure: unknown): Promise<Instance> {
    if (isComputeError(failure, 'UNEXPECTED_TASK_STATE')) throw failure;
    const before = task.instance;
    if (isComputeError(failure) && failure.effect === 'none') {
      const vmState = before.vmState === 'building' ? 'error' : before.vmState;
      await this.#aside(failure, before, 'save the state', () => task.fail(failure, { ...before, vmState }));
      throw failure;
    }
    const found = await this.#inspect(failure, before);
    const isDone = found !== undefined && isDoneAfterAll(failure, task, found);
    const guest = found && (isDone && runs(found) ? found : await this.#cleanUp(failure, task, found));
    if (isDone) return await this.#succeed(task);
    const truth = guest
      ? { vmState: vmStateAfterFailure(task.operation, before.vmState, guest), powerState: guest.powerState }
      : { vmState: 'error' as const, powerState: 'NOSTATE' as const };
    await this.#aside(failure, before, 'save the state', () => task.fail(failure, truth));
    throw failure;
  }

  async #inspect(failure: unknown, { uuid }: Instance): Promise<GuestInspection | undefined> {
    try {
      return await this.#options.driver.inspect(uuid);
    } catch (secondary) {
      this.#note(failure, secondary, uuid, 'find out what is true');
      this.#options.quarantine.hold(uuid);
      return undefined;
    }
  }

  /** Has the driver remove what the attempt has left, and answers with what is true then. A guest that runs is left alone. */
  async #cleanUp(failure: unknown, task: InstanceTask, guest: GuestInspection): Promise<GuestInspection | undefined> {
    const { driver } = this.#options;
    const { instance, operation: row } = task;
    const destroys = row.afterFailure === 'destroy';
    const nothingLeft = guest.guest === 'absent' && guest.belongings.length === 0;
    if (nothingLeft || (runs(guest) && !destroys) || !(destroys || supports(driver, 'power'))) return guest;
    await this.#aside(failure, instance, 'clean up', () =>
      destroys ? driver.destroy(instance.uuid) : driver.with('power').powerOff(instance.uuid),
    );
    return await this.#inspect(failure, instance);
  }

  /** Does what must be done because of a failure, without ever replacing it. */
  async #aside(failure: unknown, { uuid }: Instance, duty: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (secondary) {
      this.#note(failure, secondary, uuid, duty);
      // A record that does not say what is true is looked after until it does.
      if (isComputeError(secondary, 'STORE_UNAVAILABLE')) this.#options.quarantine.hold(uuid);
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

/**
 * Whether an operation of unknown outcome has reached its goal. A running guest does not prove a reboot: it may be the old
 * life.
 */
function isDoneAfterAll(failure: unknown, task: InstanceTask, guest: GuestInspection): boolean {
  const outcomeOpen = isComputeError(failure) && (failure.effect === 'unknown' || failure.effect === 'done');
  return outcomeOpen && task.operation.action !== 'reboot' && goalReached(task.operation, guest);
}

import {
  isComputeError,
  suppress,
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
  readonly driver: Pick<GuardedDriver, 'inspect' | 'with'>;
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
    const { host, driver, records, lanes, quarantine, clock } = this.#options;
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
      const task = await InstanceTask.begin(run.instance, {
        operation: row,
        context: run.context,
        host,
        records,
        clock,
      });
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
      await this.#aside(failure, before, () => task.fail(failure, before));
      throw failure;
    }
    const guest = await this.#inspect(failure, before);
    if (guest && isDoneAfterAll(failure, task, guest)) return await this.#succeed(task);
    const truth = guest
      ? { vmState: vmStateAfterFailure(task.operation, before.vmState, guest), powerState: guest.powerState }
      : { vmState: 'error' as const, powerState: 'NOSTATE' as const };
    await this.#aside(failure, before, () => task.fail(failure, truth));
    throw failure;
  }

  async #inspect(failure: unknown, { uuid }: Instance): Promise<GuestInspection | undefined> {
    try {
      return await this.#options.driver.inspect(uuid);
    } catch (secondary) {
      this.#options.log.error(
        { err: secondary, instanceUuid: uuid },
        'after a failure the driver could not be asked what is true',
      );
      suppress(failure, secondary, 'find out what is true after the failure');
      this.#options.quarantine.hold(uuid);
      return undefined;
    }
  }

  /** Does what must be done because of a failure, without ever replacing it. */
  async #aside(failure: unknown, { uuid }: Instance, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (secondary) {
      this.#options.log.error({ err: secondary, instanceUuid: uuid }, 'the state after a failure could not be saved');
      suppress(failure, secondary, 'save the state after the failure');
      if (!isComputeError(secondary, 'UNEXPECTED_TASK_STATE')) this.#options.quarantine.hold(uuid);
    }
  }
}

/**
 * Whether an operation of unknown outcome has reached its goal. A running guest does not prove a reboot: it may be the old
 * life.
 */
function isDoneAfterAll(failure: unknown, task: InstanceTask, guest: GuestInspection): boolean {
  const outcomeOpen = isComputeError(failure) && (failure.effect === 'unknown' || failure.effect === 'done');
  return outcomeOpen && task.operation.action !== 'reboot' && goalReached(task.operation, guest);
}

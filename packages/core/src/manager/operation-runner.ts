import { isComputeError, type CallOptions, type Clock } from '../driver/index.js';
import type { GuardedDriver } from '../guard/guarded-driver.js';
import type { InstanceLanes } from '../guard/instance-lanes.js';
import type { Instance } from '../model/instance.js';
import { operations, type OperationName } from '../model/operation-table.js';
import type { RequestContext } from '../model/request-context.js';
import type { Records } from '../records.js';
import { requestScope } from '../request-scope.js';
import type { FailureSettler } from './failure-settler.js';
import { InstanceTask } from './instance-task.js';
import type { Quarantine } from './quarantine.js';

export interface OperationRunnerOptions {
  readonly host: string;
  readonly driver: GuardedDriver;
  readonly records: Records;
  readonly lanes: InstanceLanes;
  readonly quarantine: Quarantine;
  readonly settler: FailureSettler;
  readonly clock: Clock;
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
    const row = operations[run.name];
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
        if ((await this.#options.settler.settle(task, failure)) === 'failed') throw failure;
      }
      if (overtakes) quarantine.release(run.instance.uuid);
      return await this.#succeed(task);
    };
    return await requestScope.run(scope, () => lanes.enter(entry, turn));
  }

  async #begin({ name, context, instance }: OperationRun): Promise<InstanceTask> {
    const { host, records, clock, quarantine } = this.#options;
    try {
      return await InstanceTask.begin(instance, { operation: operations[name], context, host, records, clock });
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
}

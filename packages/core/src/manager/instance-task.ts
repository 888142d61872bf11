import type { Clock } from '../driver/index.js';
import { specOf, type Instance, type InstancePatch } from '../model/instance.js';
import type { InstanceSpec, PowerState } from '../driver/index.js';
import type { Operation } from '../model/operation-table.js';
import { taskOwnerOf, type RequestContext } from '../model/request-context.js';
import type { TaskState } from '../model/task-state.js';
import type { VmState } from '../model/vm-state.js';
import type { Records } from '../records.js';
import type { InstanceGuard, StoreWrite } from '../store/store-write.js';
import { lifecycleNotification, type LifecyclePhase } from './lifecycle-notification.js';

export interface InstanceTaskOptions {
  readonly operation: Operation;
  readonly context: RequestContext;
  readonly host: string;
  readonly records: Records;
  readonly clock: Clock;
}

/**
 * One operation's hold on one instance: every save of it, guarded by its ownership of the task state. A save that rejects with
 * `UNEXPECTED_TASK_STATE` means that another action holds the instance now.
 */
export class InstanceTask {
  readonly #options: InstanceTaskOptions;
  #instance: Instance;

  private constructor(instance: Instance, options: InstanceTaskOptions) {
    this.#instance = instance;
    this.#options = options;
  }

  /**
   * Takes hold of an instance and tells that the operation starts. Where the request was accepted by the API, the hold was
   * taken then; a call from elsewhere takes it now, from the states the operation may start from.
   * @throws ComputeError `UNEXPECTED_TASK_STATE`, `INSTANCE_INVALID_STATE`, `INSTANCE_NOT_FOUND`
   */
  static async begin(instance: Instance, options: InstanceTaskOptions): Promise<InstanceTask> {
    const task = new InstanceTask(instance, options);
    const { operation, context } = options;
    const taskOwner = taskOwnerOf(context);
    const first = { taskState: operation.taskStates[0], taskOwner };
    const guard: InstanceGuard =
      instance.taskOwner === taskOwner
        ? { taskOwner }
        : {
            vmState: operation.vmStates,
            ...(operation.overTaskStates !== 'any' && { taskState: [null, ...operation.overTaskStates] }),
          };
    await task.#save(first, guard, 'start');
    return task;
  }

  /** The instance as of the last save. */
  get instance(): Instance {
    return this.#instance;
  }

  get context(): RequestContext {
    return this.#options.context;
  }

  get operation(): Operation {
    return this.#options.operation;
  }

  /** What the driver is given. */
  get spec(): InstanceSpec {
    return specOf(this.#instance);
  }

  async advance(taskState: TaskState): Promise<void> {
    await this.#save({ taskState }, this.#own());
  }

  /** The operation is done: its goal is the instance's state, its hold ends, its end is told. One commit. */
  async succeed(): Promise<Instance> {
    const { operation, clock } = this.#options;
    const { vmState, powerState } = operation.goal;
    const nowMs = clock.now();
    const patch: InstancePatch = {
      vmState,
      powerState,
      taskState: null,
      taskOwner: null,
      ...(this.#instance.launchedAtMs === null && powerState === 'RUNNING' && { launchedAtMs: nowMs }),
      ...(vmState === 'deleted' && { terminatedAtMs: nowMs }),
    };
    await this.#save(patch, this.#own(), 'end');
    return this.#instance;
  }

  /** The operation has failed: what is true of the instance now, and the notification of it. The hold is the caller's to end. */
  async fail(failure: unknown, truth: { readonly vmState: VmState; readonly powerState: PowerState }): Promise<void> {
    await this.#save(truth, this.#own(), 'error', failure);
  }

  #own(): InstanceGuard {
    return { taskOwner: taskOwnerOf(this.#options.context) };
  }

  async #save(patch: InstancePatch, guard: InstanceGuard, phase?: LifecyclePhase, failure?: unknown): Promise<void> {
    const { operation, context, host, records, clock } = this.#options;
    const { uuid } = this.#instance;
    const writes: StoreWrite[] = [{ write: 'update-instance', uuid, patch, guard }];
    if (phase) {
      const instance = { ...this.#instance, ...patch };
      writes.push(lifecycleNotification({ operation, phase, instance, context, host, clock, failure }));
    }
    const committed = await records.commit(writes);
    this.#instance = committed.get(uuid) ?? this.#instance;
  }
}

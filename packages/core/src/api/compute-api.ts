import {
  ComputeError,
  type CallOptions,
  type Clock,
  type ConsoleOutputOptions,
  type PowerOffOptions,
  type RebootType,
} from '../driver/index.js';
import type { GuardedDriver } from '../guard/guarded-driver.js';
import type { ComputeManager } from '../manager/compute-manager.js';
import { performOperation } from '../manager/perform-operation.js';
import type { Quarantine } from '../manager/quarantine.js';
import type { InstanceAction } from '../model/instance-action.js';
import { tenantFault, type TenantFault } from '../model/instance-fault.js';
import { newInstance, type Instance } from '../model/instance.js';
import { operations, type OperationName } from '../model/operation-table.js';
import type { RequestContext } from '../model/request-context.js';
import { tenantInstance, type TenantInstance } from '../model/tenant-instance.js';
import type { Records } from '../records.js';
import type { StoreWrite } from '../store/store-write.js';
import { specFromRequest, type CreateRequest } from './create-request.js';
import type { Dispatcher } from './dispatcher.js';
import { checkGate, checkVisible, gateGuard } from './gate.js';
import { printed } from './input-problem.js';

export interface ComputeApiOptions {
  readonly host: string;
  readonly driver: GuardedDriver;
  readonly manager: ComputeManager;
  readonly dispatcher: Dispatcher;
  readonly quarantine: Quarantine;
  readonly records: Records;
  readonly clock: Clock;
}

/** A request that was accepted and is on its way. */
export interface AcceptedAction {
  readonly action: InstanceAction;
  /** The instance as the request left it: its task state says what is being done. */
  readonly instance: TenantInstance;
  /** Resolves with the finished action, whether it succeeded or not. Never rejects. */
  readonly finished: Promise<InstanceAction>;
}

/**
 * What a service offers to its users. Everything it answers is fit for a tenant. A request is checked, recorded with the task state in one transaction, and answered;
 * then it is carried out. A refused request has written nothing.
 *
 * Common errors: `INSTANCE_NOT_FOUND` (also for instances of other projects), `INSTANCE_INVALID_STATE`, `INSTANCE_LOCKED`,
 * `NOT_SUPPORTED`, `INSTANCE_QUARANTINED`, `UNEXPECTED_TASK_STATE` when another request was quicker, `QUEUE_FULL`, `MANAGER_CLOSED`, `STORE_UNAVAILABLE`.
 */
export class ComputeApi {
  readonly #options: ComputeApiOptions;

  constructor(options: ComputeApiOptions) {
    this.#options = options;
  }

  /** Creates an instance and starts it. @throws ComputeError `INVALID_INPUT`, `INSTANCE_EXISTS` */
  async create(context: RequestContext, request: CreateRequest, options?: CallOptions): Promise<AcceptedAction> {
    const { host, records, clock, dispatcher } = this.#options;
    const row = operations['build'];
    dispatcher.refuseWhenClosedOrFull(row.verb);
    const spec = await specFromRequest(request, context);
    const action = this.#newAction('build', context, spec.uuid);
    const hold = { host, taskState: row.taskStates[0], taskOwner: action.uuid };
    const instance = newInstance({ ...spec, ...hold }, clock.now());
    await records.commit(
      [
        { write: 'create-instance', instance },
        { write: 'put-action', action },
      ],
      options,
    );
    return this.#dispatch(action, context, instance, {});
  }

  /** Deletes an instance, whatever is being done to it. An action that runs for it is cancelled. */
  async delete(context: RequestContext, instanceUuid: string, options?: CallOptions): Promise<AcceptedAction> {
    return await this.#accept('terminate', context, instanceUuid, options);
  }

  async start(context: RequestContext, instanceUuid: string, options?: CallOptions): Promise<AcceptedAction> {
    return await this.#accept('start', context, instanceUuid, options);
  }

  /** Stops an instance; asks the guest first when `gracePeriodMs` gives it time. */
  async stop(context: RequestContext, instanceUuid: string, options?: PowerOffOptions): Promise<AcceptedAction> {
    return await this.#accept('stop', context, instanceUuid, options);
  }

  /** @throws ComputeError `INVALID_INPUT` for another type */
  async reboot(
    context: RequestContext,
    instanceUuid: string,
    type: RebootType,
    options?: CallOptions,
  ): Promise<AcceptedAction> {
    const name = Object.hasOwn(rebootOperations, type) ? rebootOperations[type] : undefined;
    if (!name)
      throw new ComputeError('INVALID_INPUT', { field: 'type', value: printed(type), accepted: 'SOFT or HARD' });
    return await this.#accept(name, context, instanceUuid, options);
  }

  async pause(context: RequestContext, instanceUuid: string, options?: CallOptions): Promise<AcceptedAction> {
    return await this.#accept('pause', context, instanceUuid, options);
  }

  async unpause(context: RequestContext, instanceUuid: string, options?: CallOptions): Promise<AcceptedAction> {
    return await this.#accept('unpause', context, instanceUuid, options);
  }

  /** Saves the guest's memory to disk and stops it. */
  async suspend(context: RequestContext, instanceUuid: string, options?: CallOptions): Promise<AcceptedAction> {
    return await this.#accept('suspend', context, instanceUuid, options);
  }

  async resume(context: RequestContext, instanceUuid: string, options?: CallOptions): Promise<AcceptedAction> {
    return await this.#accept('resume', context, instanceUuid, options);
  }

  async get(context: RequestContext, instanceUuid: string, options?: CallOptions): Promise<TenantInstance> {
    return tenantInstance(await this.#visible(context, instanceUuid, options));
  }

  /** A tenant's own instances; everybody's for an administrator. */
  async list(context: RequestContext, options?: CallOptions): Promise<readonly TenantInstance[]> {
    const query = context.role === 'tenant' ? { projectId: context.projectId } : {};
    return (await this.#options.records.store.listInstances(query, options)).map(tenantInstance);
  }

  /** Newest first. */
  async listActions(
    context: RequestContext,
    instanceUuid: string,
    options?: CallOptions,
  ): Promise<readonly InstanceAction[]> {
    await this.#visible(context, instanceUuid, options);
    return await this.#options.records.store.listActions(instanceUuid, options);
  }

  /** What went wrong with an instance, newest first, as its tenant may read it. */
  async listFaults(
    context: RequestContext,
    instanceUuid: string,
    options?: CallOptions,
  ): Promise<readonly TenantFault[]> {
    await this.#visible(context, instanceUuid, options);
    return (await this.#options.records.store.listFaults(instanceUuid, options)).map(tenantFault);
  }

  async getConsoleOutput(
    context: RequestContext,
    instanceUuid: string,
    options?: ConsoleOutputOptions,
  ): Promise<Uint8Array> {
    const instance = await this.#visible(context, instanceUuid);
    return await this.#options.manager.getConsoleOutput(context, instance, options);
  }

  /**
   * Cancels an action that has not finished; it ends like any other failure. Idempotent.
   * @throws ComputeError `ACTION_NOT_FOUND`
   */
  async cancel(context: RequestContext, actionUuid: string, options?: CallOptions): Promise<InstanceAction> {
    const action = await this.#options.records.store.getAction(actionUuid, options);
    if (context.role === 'tenant' && context.projectId !== action.projectId) {
      throw new ComputeError('ACTION_NOT_FOUND', { actionUuid });
    }
    this.#options.dispatcher.cancel(actionUuid);
    return action;
  }

  async #visible(context: RequestContext, instanceUuid: string, options?: CallOptions): Promise<Instance> {
    const instance = await this.#options.records.store.getInstance(instanceUuid, options);
    checkVisible(context, instance);
    return instance;
  }

  /** `options.signal` ends the accepting; what was accepted is ended by `cancel`. */
  async #accept(
    name: OperationName,
    context: RequestContext,
    instanceUuid: string,
    { signal, ...options }: PowerOffOptions = {},
  ): Promise<AcceptedAction> {
    const { driver, dispatcher, quarantine, records } = this.#options;
    const accepting = signal ? { signal } : {};
    const row = operations[name];
    dispatcher.refuseWhenClosedOrFull(row.verb);
    checkGate(row, context, await records.store.getInstance(instanceUuid, accepting), driver);
    if (row.overTaskStates !== 'any') quarantine.refuse(instanceUuid, row.verb);

    const action = this.#newAction(name, context, instanceUuid);
    const hold: StoreWrite = {
      write: 'update-instance',
      uuid: instanceUuid,
      patch: { taskState: row.taskStates[0], taskOwner: action.uuid },
      guard: gateGuard(row),
    };
    const committed = await records.commit([hold, { write: 'put-action', action }], accepting);
    const instance = committed.get(instanceUuid);
    if (!instance) throw new TypeError('the store did not answer with the instance it changed');
    return this.#dispatch(action, context, instance, options);
  }

  #dispatch(
    action: InstanceAction,
    context: RequestContext,
    instance: Instance,
    options: Omit<PowerOffOptions, 'signal'>,
  ): AcceptedAction {
    const { dispatcher, manager } = this.#options;
    const own: RequestContext = Object.freeze({ ...context, actionUuid: action.uuid });
    const finished = dispatcher.dispatch(action, (signal) =>
      performOperation(manager, action.operation, own, instance, { ...options, signal }),
    );
    return { action, instance: tenantInstance(instance), finished };
  }

  #newAction(name: OperationName, context: RequestContext, instanceUuid: string): InstanceAction {
    const { requestId, userId, projectId } = context;
    return {
      uuid: globalThis.crypto.randomUUID(),
      instanceUuid,
      name: operations[name].action,
      operation: name,
      requestId,
      userId,
      projectId,
      state: 'queued',
      acceptedAtMs: this.#options.clock.now(),
      startedAtMs: null,
      finishedAtMs: null,
      failure: null,
    };
  }
}

const rebootOperations: Record<RebootType, OperationName> = { SOFT: 'softReboot', HARD: 'hardReboot' };

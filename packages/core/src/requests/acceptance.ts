import { isDeepStrictEqual } from 'node:util';
import type { Dispatch, Dispatcher } from '../dispatch/dispatcher.js';
import {
  ComputeError,
  isComputeError,
  type CallOptions,
  type Clock,
  type InstanceSpec,
  type PowerState,
} from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { InstanceLanes } from '../guard/instance-lanes.js';
import type { ActionSecrets } from '../manager/perform-operation.js';
import {
  tenantAction,
  type ActionParameters,
  type InstanceAction,
  type TenantAction,
} from '../model/instance-action.js';
import { newInstance, nextInstance, type Instance } from '../model/instance.js';
import { newRecordUuid } from '../model/new-record-uuid.js';
import { operations, type OperationName } from '../model/operation-table.js';
import type { RequestContext } from '../model/request-context.js';
import { tenantInstance, type TenantInstance } from '../model/tenant-instance.js';
import type { VmState } from '../model/vm-state.js';
import { arrivals, type HostModeSwitch } from '../records/host-mode.js';
import type { Records } from '../records/records.js';
import type { Quarantine } from '../runner/quarantine.js';
import { startGuard } from '../runner/start-guard.js';
import type { StoreWrite } from '../store/store-write.js';
import { begunAtOnce, type BegunAtOnce } from './begun-at-once.js';
import { checkGate } from './gate.js';
import { inTime, unlessAborted } from './in-time.js';
import { readVisible } from './read-visible.js';
import { refuseDeadHost } from './refuse-dead-host.js';
import type { RequestOptions } from './request-options.js';

export interface AcceptanceParts {
  readonly host: string;
  readonly driver: GuestDriver;
  readonly dispatcher: Dispatcher;
  readonly quarantine: Quarantine;
  readonly lanes: InstanceLanes;
  readonly mode: HostModeSwitch;
  readonly records: Records;
  readonly clock: Clock;
}

/** A request that was accepted and is on its way. */
export interface AcceptedAction {
  readonly action: TenantAction;
  /** The instance as the request left it: its task state says what is being done. */
  readonly instance: TenantInstance;
  /** Resolves with the finished action, whether it succeeded or not. Never rejects. */
  readonly finished: Promise<TenantAction>;
}

/** What is asked for. */
export interface Asked {
  readonly name: OperationName;
  readonly context: RequestContext;
  readonly instanceUuid: string;
  readonly parameters?: ActionParameters;
  /** What the first release has recorded of the same request, where that is something else: a request that was sent to it is known again. */
  readonly formerParameters?: ActionParameters;
  readonly secrets?: ActionSecrets;
  readonly options?: RequestOptions | undefined;
  /** Looks further before anything is written, where the operation has conditions of its own. */
  readonly check?: (instance: Instance) => unknown;
  /** When the request was made, by the clock: its deadline counts from here. Set by the acceptance. */
  readonly requestedAtMs?: number;
  /** Who carries it out; the instance's own host when left out. */
  readonly host?: string;
  /** What was seen of an idle instance that its record does not say yet: the operation starts from there, and it is saved with the hold. */
  readonly truth?: { readonly vmState: VmState; readonly powerState: PowerState };
}

/** An action and what records it, with its open event where it is begun at once. */
type Submission = Pick<BegunAtOnce, 'action' | 'writes'> & Partial<Pick<BegunAtOnce, 'event'>>;

/**
 * How a request becomes an action: it is checked against the operation's row, recorded in one transaction with the task state,
 * and given to the dispatcher of its host. A refused request has written nothing. One with a known idempotency key is the earlier one.
 */
export class Acceptance {
  readonly #parts: AcceptanceParts;

  constructor(parts: AcceptanceParts) {
    this.#parts = parts;
  }

  /** `options.signal` ends the accepting; what was accepted is ended by `cancel`. */
  async accept(asked: Asked): Promise<AcceptedAction> {
    return await inTime(asked, this.#parts.clock, (bounded) => this.#accept(bounded));
  }

  async #accept(asked: Asked): Promise<AcceptedAction> {
    const { driver, dispatcher, quarantine, mode, records, clock } = this.#parts;
    const { name, context, instanceUuid, truth, options = {} } = asked;
    const row = operations[name];
    dispatcher.refuseWhenClosedOrFull(row.verb);
    const earlier = await this.#earlier(asked);
    if (earlier) return earlier;

    const recorded = await readVisible(records.store, context, instanceUuid, signalOf(options));
    const present = truth ? nextInstance(recorded, truth, clock.now()) : recorded;
    checkGate(row, context, present, driver);
    await asked.check?.(present);
    if (row.overTaskStates !== 'any') quarantine.refuse(instanceUuid, row.verb);

    const action = this.#newAction(asked, asked.host ?? present.host ?? this.#parts.host);
    if (name !== 'terminate') await refuseDeadHost(action.host, row.verb, this.#parts, signalOf(options));
    const isArrival = present.host !== action.host && arrivals.includes(name);
    if (isArrival && action.host === this.#parts.host) mode.refuseArrivals(row.verb);
    const held = { taskState: row.taskStates[0], taskOwner: action.uuid };
    const hold: StoreWrite = {
      write: 'update-instance',
      uuid: instanceUuid,
      patch: { ...truth, ...held },
      guard: truth ? { vmState: [recorded.vmState], taskState: [null] } : startGuard(row),
    };
    const isIdle = present.taskState === null && !this.#parts.lanes.isBusy(instanceUuid);
    return await this.#submit(asked, action, hold, isIdle ? { ...present, ...held } : undefined);
  }

  /** The same for an instance that is to be made. `describe` is asked what it is, unless the request was sent before. */
  async acceptNew(
    uuid: string,
    describe: (options: CallOptions) => Promise<InstanceSpec>,
    asked: Omit<Asked, 'name' | 'instanceUuid'>,
  ): Promise<AcceptedAction> {
    const whole: Asked = { ...asked, name: 'build', instanceUuid: uuid };
    return await inTime(whole, this.#parts.clock, (bounded) => this.#acceptNew(bounded, describe));
  }

  async #acceptNew(whole: Asked, describe: (options: CallOptions) => Promise<InstanceSpec>): Promise<AcceptedAction> {
    const { dispatcher, mode, clock, host } = this.#parts;
    const call = signalOf(whole.options ?? {});
    dispatcher.refuseWhenClosedOrFull(operations.build.verb);
    const earlier = await this.#earlier(whole);
    if (earlier) return earlier;
    mode.refuseArrivals(operations.build.verb);

    // A provider that hangs is not waited for: nothing is written yet.
    const spec = await unlessAborted(describe(call), call.signal);
    const action = this.#newAction(whole, host);
    const { uuid: generation } = action;
    const hold = { host, generation, taskState: operations.build.taskStates[0], taskOwner: action.uuid };
    const instance = newInstance({ ...spec, ...hold, buildUuid: newRecordUuid() }, clock.now());
    return await this.#submit(whole, action, { write: 'create-instance', instance }, instance);
  }

  /**
   * Records the request. For an instance with which nothing is done here, `idle` as the request leaves it, the commit begins the action too.
   * That another process has begun one of which the record did not say yet is seen by the commit: then the action is queued behind it.
   */
  async #submit(
    asked: Asked,
    action: InstanceAction,
    hold: StoreWrite,
    idle: Instance | undefined,
  ): Promise<AcceptedAction> {
    const { records, host } = this.#parts;
    const queued = (): Promise<AcceptedAction> =>
      this.#commit(asked, { action, writes: [hold, { write: 'create-action', action }] });
    if (!idle || action.host !== host) return await queued();
    const context: RequestContext = { ...asked.context, actionUuid: action.uuid };
    const begun = begunAtOnce(action, { epoch: records.leader.epoch, instance: idle, context });
    try {
      return await this.#commit(asked, { ...begun, writes: [hold, ...begun.writes] });
    } catch (failure) {
      if (isComputeError(failure, 'UNEXPECTED_ACTION_STATE')) return await queued();
      throw failure;
    }
  }

  async #commit(asked: Asked, { action, event, writes }: Submission): Promise<AcceptedAction> {
    const { records, dispatcher, host } = this.#parts;
    const { context, instanceUuid, secrets, options = {} } = asked;
    // Nobody else takes it from the queue: what it was given beside its record is here alone.
    using _expected = dispatcher.expect(action.uuid);
    let instance: Instance | undefined;
    try {
      instance = (await records.commit(writes, signalOf(options))).get(instanceUuid);
    } catch (failure) {
      // The same request was sent twice at once, and the other was quicker.
      const earlier = isComputeError(failure, 'IDEMPOTENCY_CONFLICT') ? await this.#earlier(asked) : undefined;
      if (earlier) return earlier;
      // Whoever gave up waiting does not take the commit back.
      const isRefused = isComputeError(failure) && failure.effect === 'none';
      if (event && !isRefused) dispatcher.doubt(action.uuid);
      throw failure;
    }
    if (!instance) throw new TypeError('the store did not answer with the instance it changed');
    const own: RequestContext = Object.freeze({ ...context, actionUuid: action.uuid });
    const begun = event && { begun: event };
    const dispatch: Dispatch = { action, context: own, instance, ...begun, ...(secrets && { secrets }) };
    const finished = action.host === host ? dispatcher.dispatch(dispatch) : dispatcher.finished(action);
    return { action: tenantAction(action), instance: tenantInstance(instance), finished: finished.then(tenantAction) };
  }

  /** What the request's idempotency key was used for before. @throws ComputeError `IDEMPOTENCY_CONFLICT` */
  async #earlier({ name, context, instanceUuid, parameters = {}, formerParameters = parameters, options = {} }: Asked) {
    const { records, dispatcher } = this.#parts;
    const { idempotencyKey } = options;
    if (idempotencyKey === undefined) return undefined;
    const action = await records.store.findAction({ projectId: context.projectId, idempotencyKey }, signalOf(options));
    if (!action) return undefined;
    // A creation is given its uuid here, unless the caller chose one.
    const isSameInstance = action.instanceUuid === instanceUuid || name === 'build';
    const isSameRequest = [parameters, formerParameters].some((each) => isDeepStrictEqual(action.parameters, each));
    if (action.operation !== name || !isSameInstance || !isSameRequest) {
      throw new ComputeError('IDEMPOTENCY_CONFLICT', { idempotencyKey });
    }
    const instance = await records.store.getInstance(action.instanceUuid, signalOf(options));
    const finished = dispatcher.finished(action).then(tenantAction);
    return { action: tenantAction(action), instance: tenantInstance(instance), finished };
  }

  #newAction(asked: Asked, host: string): InstanceAction {
    const { name, context, instanceUuid, parameters = {}, options = {}, requestedAtMs } = asked;
    const { requestId, userId, projectId } = context;
    const acceptedAtMs = this.#parts.clock.now();
    const row = operations[name];
    return {
      uuid: newRecordUuid(),
      instanceUuid,
      name: row.action,
      operation: name,
      parameters,
      requestId,
      userId,
      projectId,
      idempotencyKey: options.idempotencyKey ?? null,
      priority: row.overTaskStates === 'any' ? 'urgent' : 'normal',
      state: 'queued',
      host,
      epoch: null,
      acceptedAtMs,
      startedAtMs: null,
      finishedAtMs: null,
      deadlineAtMs: options.deadlineMs === undefined ? null : (requestedAtMs ?? acceptedAtMs) + options.deadlineMs,
      cancelRequestedAtMs: null,
      progress: null,
      result: null,
      failure: null,
    };
  }
}

function signalOf({ signal }: RequestOptions): CallOptions {
  return signal ? { signal } : {};
}

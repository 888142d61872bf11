import { isDeepStrictEqual } from 'node:util';
import type { ActionEnds } from '../dispatch/action-ends.js';
import type { Dispatch, Dispatcher } from '../dispatch/dispatcher.js';
import {
  ComputeError,
  isComputeError,
  printed,
  type CallOptions,
  type Clock,
  type DriverLog,
  type InstanceSpec,
  type PowerState,
} from '../driver/index.js';
import type { InstanceLanes } from '../guard/instance-lanes.js';
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
import { arrivals } from '../records/host-mode.js';
import type { ActionSecrets } from '../peers/host-calls.js';
import type { Records } from '../records/records.js';
import type { Quarantine } from '../runner/quarantine.js';
import { startGuard } from '../runner/start-guard.js';
import type { StoreWrite } from '../store/store-write.js';
import type { Access } from './access.js';
import { begunAtOnce, type BegunAtOnce } from './begun-at-once.js';
import { checkGate } from './gate.js';
import { inTime, unlessAborted } from './in-time.js';
import { readVisible } from './read-visible.js';
import type { Hosts, TargetHost } from './hosts.js';
import type { Placement, PlacementRequest, WantedInstance } from './placement.js';
import type { RequestOptions } from './request-options.js';

export interface AcceptanceParts {
  readonly access: Access;
  readonly hosts: Hosts;
  /** Where this process has a host: what carries out the actions of it. */
  readonly own?: OwnQueue | undefined;
  /** Waits for the ends of actions that other processes carry out. */
  readonly ends: Pick<ActionEnds, 'finished'>;
  readonly placement: Placement;
  readonly records: Records;
  readonly clock: Clock;
  readonly log: DriverLog;
}

/** The queue of this process's host. */
export interface OwnQueue {
  readonly host: string;
  readonly dispatcher: Dispatcher;
  readonly quarantine: Quarantine;
  readonly lanes: InstanceLanes;
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
  /** Looks further before anything is written, where the operation has conditions of its own. `target` is the host that carries it out. */
  readonly check?: (instance: Instance, target: TargetHost) => unknown;
  /** When the request was made, by the clock: its deadline counts from here. Set by the acceptance. */
  readonly requestedAtMs?: number;
  /** Who carries it out; the instance's own host when left out. */
  readonly host?: string;
  /** What was seen of an idle instance that its record does not say yet: the operation starts from there, and it is saved with the hold. */
  readonly truth?: { readonly vmState: VmState; readonly powerState: PowerState };
}

/** An instance that is to be made: what it needs of a host, and what it is there. */
export interface PlannedInstance extends WantedInstance {
  readonly describe: (target: TargetHost, options: CallOptions) => Promise<InstanceSpec>;
}

/** An action and what records it, with its open event where it is begun at once. */
type Submission = Pick<BegunAtOnce, 'action' | 'writes'> & Partial<Pick<BegunAtOnce, 'event'>>;

/**
 * How a request becomes an action: it is checked against the operation's row, recorded in one transaction with the task state,
 * and given to the dispatcher of its host. A refused request has written nothing. One with a known idempotency key is the earlier one.
 */
export class Acceptance {
  readonly #parts: AcceptanceParts;
  #isClosed = false;

  constructor(parts: AcceptanceParts) {
    this.#parts = parts;
  }

  /** `options.signal` ends the accepting; what was accepted is ended by `cancel`. */
  async accept(asked: Asked): Promise<AcceptedAction> {
    return await inTime(asked, this.#parts.clock, (bounded) => this.#accept(bounded));
  }

  /** From here on nothing is taken any more, and everything is refused with `MANAGER_CLOSED`. Idempotent. */
  close(): void {
    this.#isClosed = true;
  }

  async #accept(asked: Asked): Promise<AcceptedAction> {
    const { own, access, hosts, clock } = this.#parts;
    const { name, context, instanceUuid, truth, options = {} } = asked;
    const call = signalOf(options);
    const row = operations[name];
    this.#refuseWhenClosedOrFull(row.verb);
    const earlier = await this.#earlier(asked);
    if (earlier) return earlier;

    const recorded = await readVisible(this.#parts, context, instanceUuid, call);
    const present = truth ? nextInstance(recorded, truth, clock.now()) : recorded;
    access.check(context, name, present);
    const target = hosts.target(asked.host ?? present.host ?? (await this.#placed(asked, present)));
    await checkGate(row, present, target, call);
    await asked.check?.(present, target);
    if (row.overTaskStates !== 'any' && target.isOwn) own?.quarantine.refuse(instanceUuid, row.verb);

    const action = this.#newAction(asked, target.host);
    if (name !== 'terminate') await target.refuseDead(row.verb, call);
    if (present.host !== target.host && arrivals.includes(name)) await target.refuseArrival(row.verb, call);
    const held = { taskState: row.taskStates[0], taskOwner: action.uuid };
    const hold: StoreWrite = {
      write: 'update-instance',
      uuid: instanceUuid,
      patch: { ...truth, ...held },
      guard: truth ? { vmState: [recorded.vmState], taskState: [null] } : startGuard(row),
    };
    const isIdle = target.isOwn && present.taskState === null && own?.lanes.isBusy(instanceUuid) === false;
    return await this.#submit(asked, action, hold, isIdle ? { ...present, ...held } : undefined);
  }

  /** The same for an instance that is to be made. `plan` is asked what it needs and what it is, unless the request was sent before. */
  async acceptNew(
    uuid: string,
    plan: (options: CallOptions) => Promise<PlannedInstance>,
    asked: Omit<Asked, 'name' | 'instanceUuid'>,
  ): Promise<AcceptedAction> {
    const whole: Asked = { ...asked, name: 'build', instanceUuid: uuid };
    return await inTime(whole, this.#parts.clock, (bounded) => this.#acceptNew(bounded, plan));
  }

  async #acceptNew(whole: Asked, plan: (options: CallOptions) => Promise<PlannedInstance>): Promise<AcceptedAction> {
    const { access, clock } = this.#parts;
    const { verb, taskStates } = operations.build;
    const { context } = whole;
    const call = signalOf(whole.options ?? {});
    access.require(context, 'change instances', verb, { operation: 'build' });
    this.#refuseWhenClosedOrFull(verb);
    const earlier = await this.#earlier(whole);
    if (earlier) return earlier;

    // A provider that hangs is not waited for: nothing is written yet.
    const [host, spec] = await unlessAborted(this.#planned(context, plan, call), call.signal);
    const action = this.#newAction(whole, host);
    const { uuid: generation } = action;
    const hold = { host, generation, taskState: taskStates[0], taskOwner: action.uuid };
    const instance = newInstance({ ...spec, ...hold, buildUuid: newRecordUuid() }, clock.now());
    return await this.#submit(whole, action, { write: 'create-instance', instance }, instance);
  }

  /** Where a new instance goes, and what it is there. */
  async #planned(
    context: RequestContext,
    plan: (options: CallOptions) => Promise<PlannedInstance>,
    call: CallOptions,
  ): Promise<readonly [host: string, spec: InstanceSpec]> {
    const { describe, ...wanted } = await plan(call);
    const host = await this.#choose({ operation: 'build', context, ...wanted }, call);
    const target = this.#parts.hosts.target(host);
    await target.refuseArrival(operations.build.verb, call);
    return [host, await describe(target, call)];
  }

  /** Where an instance goes that is on no host. */
  async #placed({ name, context, options = {} }: Asked, { flavor, image }: Instance): Promise<string> {
    const { capability } = operations[name];
    const capabilities = capability ? [capability] : [];
    const wanted = { flavor, image, capabilities };
    return await this.#choose({ operation: name, context, ...wanted }, signalOf(options));
  }

  async #choose(request: PlacementRequest, call: CallOptions): Promise<string> {
    const host = await this.#parts.placement.choose(request, call);
    if (typeof host === 'string' && host !== '') return host;
    throw new TypeError(`the placement answered ${printed(host)}, which is not the name of a host`);
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
    const { own, records } = this.#parts;
    if (action.host !== own?.host) return await this.#submitElsewhere(asked, action, hold);
    const queued = (): Promise<AcceptedAction> =>
      this.#submitHere(own, asked, { action, writes: [hold, { write: 'create-action', action }] });
    if (!idle) return await queued();
    const context: RequestContext = { ...asked.context, actionUuid: action.uuid };
    const begun = begunAtOnce(action, { epoch: records.leader.epoch, instance: idle, context });
    try {
      return await this.#submitHere(own, asked, { ...begun, writes: [hold, ...begun.writes] });
    } catch (failure) {
      if (isComputeError(failure, 'UNEXPECTED_ACTION_STATE')) return await queued();
      throw failure;
    }
  }

  async #submitHere(
    { dispatcher }: OwnQueue,
    asked: Asked,
    { action, event, writes }: Submission,
  ): Promise<AcceptedAction> {
    const { context, secrets } = asked;
    // Nobody else takes it from the queue: its secrets exist here and in no record.
    using _expected = dispatcher.expect(action.uuid);
    // Whoever gave up waiting does not take the commit back.
    const onLost = (): void => {
      if (event) dispatcher.doubt(action.uuid);
    };
    const committed = await this.#commit(asked, writes, onLost);
    if ('earlier' in committed) return committed.earlier;
    const { instance } = committed;
    const own: RequestContext = Object.freeze({ ...context, actionUuid: action.uuid });
    const begun = event && { begun: event };
    const dispatch: Dispatch = { action, context: own, instance, ...begun, ...(secrets && { secrets }) };
    return accepted(action, instance, dispatcher.dispatch(dispatch));
  }

  /** The host of another process is told at once; without a word it finds the action by itself. */
  async #submitElsewhere(asked: Asked, action: InstanceAction, hold: StoreWrite): Promise<AcceptedAction> {
    const { hosts, ends, log } = this.#parts;
    const committed = await this.#commit(asked, [hold, { write: 'create-action', action }]);
    if ('earlier' in committed) return committed.earlier;
    const { uuid: actionUuid, host } = action;
    const { secrets } = asked;
    void hosts
      .of(host)
      .runAction({ actionUuid, ...(secrets && { secrets }) })
      .catch((failure: unknown) => log.warn({ err: failure, host, actionUuid }, 'host not told of an action'));
    return accepted(action, committed.instance, ends.finished(action));
  }

  /** The instance as the commit leaves it, or what the same request became when it was sent before. `onLost`: the answer of the commit was lost. */
  async #commit(
    asked: Asked,
    writes: readonly StoreWrite[],
    onLost?: () => void,
  ): Promise<{ readonly instance: Instance } | { readonly earlier: AcceptedAction }> {
    const { instanceUuid, options = {} } = asked;
    let instance: Instance | undefined;
    try {
      instance = (await this.#parts.records.commit(writes, signalOf(options))).get(instanceUuid);
    } catch (failure) {
      // The same request was sent twice at once, and the other was quicker.
      const earlier = isComputeError(failure, 'IDEMPOTENCY_CONFLICT') ? await this.#earlier(asked) : undefined;
      if (earlier) return { earlier };
      const isRefused = isComputeError(failure) && failure.effect === 'none';
      if (!isRefused) onLost?.();
      throw failure;
    }
    if (!instance) throw new TypeError('the store did not answer with the instance it changed');
    return { instance };
  }

  #refuseWhenClosedOrFull(operation: string): void {
    if (this.#isClosed) throw new ComputeError('MANAGER_CLOSED', { operation });
    this.#parts.own?.dispatcher.refuseWhenClosedOrFull(operation);
  }

  /** What the request's idempotency key was used for before. @throws ComputeError `IDEMPOTENCY_CONFLICT` */
  async #earlier({ name, context, instanceUuid, parameters = {}, formerParameters = parameters, options = {} }: Asked) {
    const { records, ends } = this.#parts;
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
    return accepted(action, instance, ends.finished(action));
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

function accepted(action: InstanceAction, instance: Instance, finished: Promise<InstanceAction>): AcceptedAction {
  return { action: tenantAction(action), instance: tenantInstance(instance), finished: finished.then(tenantAction) };
}

function signalOf({ signal }: RequestOptions): CallOptions {
  return signal ? { signal } : {};
}

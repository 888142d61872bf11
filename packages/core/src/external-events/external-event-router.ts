import {
  ComputeError,
  isComputeError,
  type CallOptions,
  type DriverLog,
  type ExternalEvent,
  type TenantFailure,
} from '../driver/index.js';
import type { InstanceLanes } from '../guard/instance-lanes.js';
import type { Providers } from '../guard/providers.js';
import type { ComputeManager } from '../manager/compute-manager.js';
import type { ActionParameters } from '../model/instance-action.js';
import type { Instance } from '../model/instance.js';
import type { OperationName } from '../model/operation-table.js';
import { requestContext } from '../model/request-context.js';
import { tenantFailureOf } from '../recorders/tenant-failure.js';
import type { Records } from '../records/records.js';
import type { Acceptance } from '../requests/acceptance.js';
import { checkExternalEvent } from './check-external-event.js';
import type { ComputeEventInbox } from './external-event-inbox.js';

/** What became of an event. */
export type ExternalEventOutcome =
  /** Whoever waits for it has it, or will find it for a minute. */
  | { readonly outcome: 'handed-on' }
  /** It has become an action, which goes on. */
  | { readonly outcome: 'accepted'; readonly actionUuid: string }
  /** The instance's record says what its network says. */
  | { readonly outcome: 'refreshed' }
  /** There is nothing to do about it: it is so already, or it tells of something that did not happen. */
  | { readonly outcome: 'ignored' }
  /** Nothing was done. Where the failure may pass, the event may be sent again. */
  | { readonly outcome: 'refused'; readonly failure: TenantFailure };

export interface ExternalEventRouterParts {
  readonly inbox: ComputeEventInbox;
  readonly acceptance: Acceptance;
  readonly manager: ComputeManager;
  readonly providers: Providers;
  readonly records: Records;
  readonly lanes: InstanceLanes;
  readonly log: DriverLog;
}

/** Events that something is done about; the others wake somebody who waits. */
type ActingEvent = 'network-changed' | 'network-vif-deleted' | 'volume-extended' | 'power-update';
type Handler = (instance: Instance, event: ExternalEvent) => Promise<ExternalEventOutcome>;

/** As many as a service sends at once when a switch comes back with all of its ports. */
const BATCH_COUNT_MAX = 10_000;
/** How many instances' events are looked at side by side. */
const CONCURRENCY_MAX = 8;

/**
 * What is done about the events that other services send: most wake somebody who waits, some become actions. Each event is for itself:
 * whatever comes of one, the others are looked at. Events of one instance keep their order.
 */
export class ExternalEventRouter {
  readonly #parts: ExternalEventRouterParts;
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();

  constructor(parts: ExternalEventRouterParts) {
    this.#parts = parts;
  }

  /** Takes one event and returns at once. What came of it is in the log. */
  deliver(event: ExternalEvent): void {
    void this.deliverAll([event]);
  }

  /** Answers what became of each event, in their order. Never rejects. */
  async deliverAll(events: readonly ExternalEvent[]): Promise<readonly ExternalEventOutcome[]> {
    const routing = this.#routeAll(events);
    this.#underWay.add(routing);
    try {
      return await routing;
    } finally {
      this.#underWay.delete(routing);
    }
  }

  /** Takes nothing more, and waits for what is under way. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort(new ComputeError('MANAGER_CLOSED', { operation: 'take an external event' }));
    await Promise.all(this.#underWay);
  }

  async #routeAll(events: readonly ExternalEvent[]): Promise<readonly ExternalEventOutcome[]> {
    if (events.length > BATCH_COUNT_MAX) {
      const accepted = `at most ${BATCH_COUNT_MAX} at once`;
      const failure = new ComputeError('INVALID_INPUT', { field: 'events', value: String(events.length), accepted });
      return events.map(() => refused(failure));
    }
    const outcomes = new Map<number, ExternalEventOutcome>();
    const next = [...byInstance(events).values()].values();
    const worker = async (): Promise<void> => {
      for (const own of next) for (const [index, event] of own) outcomes.set(index, await this.#routeSafely(event));
    };
    await Promise.all(Array.from({ length: CONCURRENCY_MAX }, worker));
    return events.map((_, index) => outcomes.get(index) ?? { outcome: 'ignored' });
  }

  async #routeSafely(event: ExternalEvent): Promise<ExternalEventOutcome> {
    const { log } = this.#parts;
    try {
      this.#closing.signal.throwIfAborted();
      checkExternalEvent(event);
      const outcome = await this.#route(event);
      log.debug({ event, outcome }, 'an external event was taken');
      return outcome;
    } catch (failure) {
      log.warn({ err: failure, event }, 'an external event was refused');
      return refused(failure);
    }
  }

  async #route(event: ExternalEvent): Promise<ExternalEventOutcome> {
    const { name, status } = event;
    const acts = Object.hasOwn(this.#actions, name);
    // Before anything is asked of the store, which may be slow, or down: somebody waits.
    if (!acts) this.#parts.inbox.deliver(event);
    const instance = await this.#instance(event);
    if (!acts) return { outcome: status === 'in-progress' ? 'ignored' : 'handed-on' };
    if (status !== 'completed') return { outcome: 'ignored' };
    return await this.#actions[name as ActingEvent](instance, event);
  }

  readonly #actions: Readonly<Record<ActingEvent, Handler>> = {
    'network-changed': (instance) => this.#refresh(instance),
    'network-vif-deleted': (instance, { tag }) => this.#detach(instance, tag),
    'volume-extended': (instance, { tag }) => this.#extend(instance, tag),
    'power-update': (instance, { tag }) => this.#followPower(instance, tag),
  };

  /** @throws ComputeError `INSTANCE_NOT_FOUND`, also for a deleted one */
  async #instance({ instanceUuid }: ExternalEvent): Promise<Instance> {
    const { records, inbox } = this.#parts;
    try {
      const instance = await records.store.getInstance(instanceUuid);
      if (instance.vmState !== 'deleted') return instance;
    } catch (failure) {
      if (!isComputeError(failure, 'INSTANCE_NOT_FOUND')) throw failure;
    }
    inbox.forget(instanceUuid);
    throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid });
  }

  /** In its turn among the instance's operations, so that it overwrites nothing that one of them is about to record. */
  async #refresh({ uuid }: Instance): Promise<ExternalEventOutcome> {
    const { lanes, records, manager } = this.#parts;
    const entry = { instanceUuid: uuid, operation: 'refresh the interfaces of', manner: 'wait' as const };
    return await lanes.enter({ ...entry, signal: this.#closing.signal }, async (signal) => {
      const instance = await records.store.getInstance(uuid);
      const networkInterfaces = await manager.interfaces.present(instance, signal);
      const guard = { host: instance.host };
      await records.commit([{ write: 'update-instance', uuid, patch: { networkInterfaces }, guard }]);
      return { outcome: 'refreshed' };
    });
  }

  /** The network has taken the interface away already; its guest and its record follow. */
  async #detach(instance: Instance, interfaceId: string): Promise<ExternalEventOutcome> {
    if (!instance.networkInterfaces.some(({ id }) => id === interfaceId)) return { outcome: 'ignored' };
    return await this.#accept('detachInterface', instance, { interfaceId });
  }

  /** The volume has grown already; its guest follows. */
  async #extend(instance: Instance, volumeId: string): Promise<ExternalEventOutcome> {
    const { uuid, projectId, blockDevices } = instance;
    if (!blockDevices.some(({ id }) => id === volumeId)) {
      throw new ComputeError('DEVICE_NOT_FOUND', { instanceUuid: uuid, device: volumeId });
    }
    const options: CallOptions = { signal: this.#closing.signal };
    const { sizeMib } = await this.#parts.providers.volumes.getVolume(volumeId, { projectId }, options);
    return await this.#accept('extendVolume', instance, { volumeId, sizeMib });
  }

  /** As Nova does: only from the state that the change leads away from. */
  async #followPower(instance: Instance, target: string): Promise<ExternalEventOutcome> {
    const { vmState, powerState } = instance;
    const parameters = { origin: 'reported' };
    if (target === 'POWER_ON' && vmState === 'stopped' && powerState === 'SHUTDOWN') {
      return await this.#accept('start', instance, parameters);
    }
    if (target === 'POWER_OFF' && vmState === 'active' && powerState === 'RUNNING') {
      return await this.#accept('stop', instance, parameters);
    }
    return { outcome: 'ignored' };
  }

  async #accept(
    name: OperationName,
    { uuid: instanceUuid, projectId, userId }: Instance,
    parameters: ActionParameters,
  ): Promise<ExternalEventOutcome> {
    const context = requestContext({ projectId, userId, role: 'service' });
    const { action } = await this.#parts.acceptance.accept({ name, context, instanceUuid, parameters });
    return { outcome: 'accepted', actionUuid: action.uuid };
  }
}

function refused(failure: unknown): ExternalEventOutcome {
  return { outcome: 'refused', failure: tenantFailureOf(failure) };
}

function byInstance(events: readonly ExternalEvent[]): ReadonlyMap<unknown, (readonly [number, ExternalEvent])[]> {
  const grouped = new Map<unknown, (readonly [number, ExternalEvent])[]>();
  for (const [index, event] of events.entries()) {
    // What is no event at all is found out later, on its own.
    const key: unknown = (event as ExternalEvent | undefined)?.instanceUuid;
    const own = grouped.get(key);
    if (own) own.push([index, event]);
    else grouped.set(key, [[index, event]]);
  }
  return grouped;
}

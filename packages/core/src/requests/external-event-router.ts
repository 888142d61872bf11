import { ComputeError, isComputeError, type DriverLog, type ExternalEvent } from '../driver/index.js';
import type { ExternalEventOutcome } from '../model/external-event-outcome.js';
import type { Instance } from '../model/instance.js';
import { isOver, migrationStatuses } from '../model/migration.js';
import { taskStates, type TaskState } from '../model/task-state.js';
import { tenantFailureOf } from '../recorders/tenant-failure.js';
import type { Records } from '../records/records.js';
import { checkExternalEvent } from './check-external-event.js';
import type { Hosts } from './hosts.js';

/** What the host of this process does about events. */
export interface OwnEvents {
  readonly host: string;
  /** Wakes an operation that waits for the event here. Asks nothing of the store. */
  wake(event: ExternalEvent): void;
  /** Forgets the events of an instance that is gone. */
  forget(instanceUuid: string): void;
  /** Does what the event asks for. */
  act(instance: Instance, event: ExternalEvent, signal: AbortSignal): Promise<ExternalEventOutcome>;
}

export interface ExternalEventRouterDeps {
  /** Left out in a service without a host. */
  readonly own?: OwnEvents | undefined;
  readonly hosts: Hosts;
  readonly records: Records;
  readonly log: DriverLog;
}

const unfinished = migrationStatuses.filter((status) => !isOver({ status }));

/** As many as a service sends at once when a switch comes back with all of its ports. */
const BATCH_COUNT_MAX = 10_000;
/** Whether events of instances of other hosts are forwarded to them. */
type Manner = 'forward' | 'keep';

/** While one of these holds, two hosts may wait for events of the instance. */
const movingTaskStates: readonly TaskState[] = taskStates.filter(
  (each) => each.startsWith('resize_') || each === 'migrating' || each === 'evacuating',
);

/** How many instances' events are looked at side by side. */
const CONCURRENCY_MAX = 8;

/**
 * Takes the events that other services send to where they are awaited or acted on: the instance's host, and both hosts of a migration. Each
 * event is for itself: whatever comes of one, the others are looked at. Events of one instance keep their order.
 */
export class ExternalEventRouter {
  readonly #deps: ExternalEventRouterDeps;
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();

  constructor(deps: ExternalEventRouterDeps) {
    this.#deps = deps;
  }

  /** Takes one event and returns at once. What came of it is in the log. */
  deliver(event: ExternalEvent): void {
    void this.deliverAll([event]);
  }

  /** Answers what became of each event, in their order. Never rejects. */
  async deliverAll(events: readonly ExternalEvent[]): Promise<readonly ExternalEventOutcome[]> {
    return await this.#take(events, 'forward');
  }

  /** The same for events that another process has forwarded to this host: they go no further. */
  async deliverHere(events: readonly ExternalEvent[]): Promise<readonly ExternalEventOutcome[]> {
    return await this.#take(events, 'keep');
  }

  /** Takes nothing more, and waits for what is under way. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort(new ComputeError('MANAGER_CLOSED', { operation: 'take an external event' }));
    await Promise.all(this.#underWay);
  }

  async #take(events: readonly ExternalEvent[], manner: Manner): Promise<readonly ExternalEventOutcome[]> {
    const routing = this.#routeAll(events, manner);
    this.#underWay.add(routing);
    try {
      return await routing;
    } finally {
      this.#underWay.delete(routing);
    }
  }

  async #routeAll(events: readonly ExternalEvent[], manner: Manner): Promise<readonly ExternalEventOutcome[]> {
    if (events.length > BATCH_COUNT_MAX) {
      const accepted = `at most ${BATCH_COUNT_MAX} at once`;
      const failure = new ComputeError('INVALID_INPUT', { field: 'events', value: String(events.length), accepted });
      return events.map(() => refused(failure));
    }
    const outcomes = new Map<number, ExternalEventOutcome>();
    const next = [...byInstance(events).values()].values();
    const worker = async (): Promise<void> => {
      for (const own of next) {
        for (const [index, event] of own) outcomes.set(index, await this.#routeSafely(event, manner));
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY_MAX }, worker));
    return events.map((_, index) => outcomes.get(index) ?? { outcome: 'ignored' });
  }

  async #routeSafely(event: ExternalEvent, manner: Manner): Promise<ExternalEventOutcome> {
    const { log } = this.#deps;
    try {
      this.#closing.signal.throwIfAborted();
      checkExternalEvent(event);
      const outcome = await this.#route(event, manner);
      log.debug({ event, outcome }, 'an external event was taken');
      return outcome;
    } catch (failure) {
      log.warn({ err: failure, event }, 'an external event was refused');
      return refused(failure);
    }
  }

  async #route(event: ExternalEvent, manner: Manner): Promise<ExternalEventOutcome> {
    const { own } = this.#deps;
    // Before the store is asked, which may be slow or down: an operation may wait here.
    own?.wake(event);
    const instance = await this.#instance(event);
    const others = manner === 'forward' ? await this.#otherHostsOf(instance) : [];
    const forwarded = await Promise.all(others.map(async (host) => await this.#forward(event, host)));
    const isOwn = instance.host === null || instance.host === own?.host;
    if (own && isOwn) return await own.act(instance, event, this.#closing.signal);
    // What waits on another host than the instance's was woken; what the event asks for is the instance's own host's to do.
    return forwarded[0] ?? { outcome: own ? 'handed-on' : 'ignored' };
  }

  async #forward(event: ExternalEvent, host: string): Promise<ExternalEventOutcome> {
    try {
      const [outcome] = await this.#deps.hosts.of(host).deliverEvents({ events: [event] });
      return outcome ?? { outcome: 'ignored' };
    } catch (failure) {
      return refused(failure);
    }
  }

  /** The hosts beside this one that may wait for events of the instance: its own first, then the others of an unfinished migration. */
  async #otherHostsOf({ uuid: instanceUuid, host, taskState, vmState }: Instance): Promise<readonly string[]> {
    const { records, own } = this.#deps;
    const hosts = new Set(host === null ? [] : [host]);
    if (vmState === 'resized' || (taskState !== null && movingTaskStates.includes(taskState))) {
      for (const { sourceHost, destinationHost } of await records.store.listMigrations({
        instanceUuid,
        status: unfinished,
      })) {
        hosts.add(sourceHost).add(destinationHost);
      }
    }
    if (own) hosts.delete(own.host);
    return [...hosts];
  }

  /** @throws ComputeError `INSTANCE_NOT_FOUND`, also for a deleted one */
  async #instance({ instanceUuid }: ExternalEvent): Promise<Instance> {
    const { records, own } = this.#deps;
    try {
      const instance = await records.store.getInstance(instanceUuid);
      if (instance.vmState !== 'deleted') return instance;
    } catch (failure) {
      if (!isComputeError(failure, 'INSTANCE_NOT_FOUND')) throw failure;
    }
    own?.forget(instanceUuid);
    throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid });
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

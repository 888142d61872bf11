import {
  isComputeError,
  type DriverEvent,
  type DriverLog,
  type LifecycleTransition,
  type PowerState,
} from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { InstanceLanes } from '../guard/instance-lanes.js';
import type { Instance } from '../model/instance.js';
import { usualPowerStates } from '../model/power-state-policy.js';
import type { Records } from '../records/records.js';
import { markOfGuest } from '../runner/mark-of-guest.js';
import type { Quarantine } from '../runner/quarantine.js';
import { inParallel } from './in-parallel.js';
import { instancePages } from '../store/instance-pages.js';
import type { PowerReaction, ReactionManner, ToldBy } from './power-reaction.js';

export interface PowerSyncOptions {
  readonly host: string;
  readonly driver: Pick<GuestDriver, 'getInfo' | 'inspect' | 'inspectAny' | 'knownGeneration'>;
  readonly records: Records;
  readonly lanes: InstanceLanes;
  readonly quarantine: Quarantine;
  readonly reaction: PowerReaction;
  readonly log: DriverLog;
  /** Told when the driver may have missed events, so that every instance is compared. */
  readonly onResync: () => void;
}

/** Why an instance is compared, and what may be done about it. */
interface Occasion {
  readonly told: ToldBy;
  readonly manner: ReactionManner;
}

/** Asking every guest of a host at once would be a storm; libvirt answers a client's calls eight at a time. */
const AT_ONCE_MAX = 8;

/**
 * Compares guests with their records. Only idle instances are looked at: what runs for one ends by looking itself. An event of the
 * driver is a hint, and the driver is asked what is true.
 */
export class PowerSync {
  readonly #options: PowerSyncOptions;
  /** What hints were given of and is not looked at yet. One given while it is looked at means one more look afterwards. */
  readonly #hinted = new Map<string, LifecycleTransition>();
  readonly #looking = new Set<string>();
  readonly #lookers = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #firstSync: 'pending' | 'done' = 'pending';

  constructor(options: PowerSyncOptions) {
    this.#options = options;
  }

  /** Whether every instance of the host has been compared since this process began. */
  get firstSync(): 'pending' | 'done' {
    return this.#firstSync;
  }

  /** Compares every instance of the host. A hypervisor that does not answer ends the round; another failure concerns its instance only. */
  async syncAll(signal: AbortSignal, manner: ReactionManner = 'act'): Promise<void> {
    const { records, host, log } = this.#options;
    const ended = new AbortController();
    const either = AbortSignal.any([signal, ended.signal]);
    const compare = async (instance: Instance): Promise<void> => {
      try {
        await this.#compare(instance, { told: 'power sync', manner }, either);
      } catch (failure) {
        if (isComputeError(failure, 'HYPERVISOR_UNAVAILABLE')) ended.abort(failure);
        else if (!either.aborted) log.warn({ err: failure, instanceUuid: instance.uuid }, 'a guest was not compared');
        throw failure;
      }
    };
    for await (const page of instancePages(records.store, { host }, { signal: either })) {
      await inParallel(page, { countMax: AT_ONCE_MAX, signal: either }, compare);
    }
    this.#firstSync = 'done';
  }

  /** Takes a hint. Returns at once. */
  heed(event: DriverEvent): void {
    if (this.#closing.signal.aborted) return;
    if (event.type === 'resync' || event.type === 'available') this.#options.onResync();
    if (event.type !== 'lifecycle') return;
    this.#hinted.set(event.instanceUuid, event.transition);
    if (this.#lookers.size >= AT_ONCE_MAX) return;
    const looker = this.#lookAtHinted().finally(() => this.#lookers.delete(looker));
    this.#lookers.add(looker);
  }

  /** Heeds nothing more and waits for the looks under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#hinted.clear();
    await Promise.all(this.#lookers);
  }

  async #lookAtHinted(): Promise<void> {
    const { records, log } = this.#options;
    const { signal } = this.#closing;
    for (let hint = this.#nextHinted(); hint !== undefined; hint = this.#nextHinted()) {
      const [uuid, told] = hint;
      this.#looking.add(uuid);
      try {
        const instance = await records.store.getInstance(uuid, { signal });
        await this.#compare(instance, { told, manner: 'act' }, signal);
      } catch (failure) {
        // A guest without a record is the guest audit's.
        if (!signal.aborted && !isComputeError(failure, 'INSTANCE_NOT_FOUND')) {
          log.warn({ err: failure, instanceUuid: uuid }, 'a guest was not compared');
        }
      } finally {
        this.#looking.delete(uuid);
      }
    }
  }

  #nextHinted(): readonly [uuid: string, told: LifecycleTransition] | undefined {
    for (const hint of this.#hinted) {
      if (this.#looking.has(hint[0])) continue;
      this.#hinted.delete(hint[0]);
      return hint;
    }
    return undefined;
  }

  async #compare(instance: Instance, occasion: Occasion, signal: AbortSignal): Promise<void> {
    const { uuid, vmState, powerState } = instance;
    if (!this.#isOurs(instance)) return;
    const seen = await this.#ask(instance, signal);
    if (seen === powerState && usualPowerStates[vmState].includes(seen)) return;
    // Busy now: what is being done to it changes its state.
    if (this.#options.lanes.isBusy(uuid)) return;
    await this.#lookCloser(uuid, occasion, signal);
  }

  /** With nobody else at work on the instance, and its record and its guest as they are now. */
  async #lookCloser(instanceUuid: string, { told, manner }: Occasion, signal: AbortSignal): Promise<void> {
    const { lanes, driver, reaction } = this.#options;
    const entry = { instanceUuid, operation: 'compare the power state of', manner: 'wait', signal } as const;
    const turn = await lanes.take(entry);
    let instance: Instance;
    let enforcement: Awaited<ReturnType<PowerReaction['note']>>;
    try {
      instance = await this.#markedInstance(instanceUuid, turn.signal);
      if (instance.taskState !== null || instance.host !== this.#options.host) return;
      enforcement = await reaction.note(
        instance,
        await driver.inspect({ instance }, { signal: turn.signal }),
        told,
        manner,
      );
    } finally {
      turn.leave();
    }
    if (enforcement) await reaction.enforce(instance, enforcement, signal);
  }

  /** The record as it is now, with the generation that an action has given its guest before it could say so. */
  async #markedInstance(instanceUuid: string, signal: AbortSignal): Promise<Instance> {
    const { records } = this.#options;
    const instance = await records.store.getInstance(instanceUuid, { signal });
    const generation = await markOfGuest(instance, this.#options);
    if (generation === undefined || instance.taskState !== null) return instance;
    const guard = { taskState: [null], host: instance.host };
    const committed = await records.commit([
      { write: 'update-instance', uuid: instanceUuid, patch: { generation }, guard },
    ]);
    return committed.get(instanceUuid) ?? instance;
  }

  #isOurs({ uuid, host, taskState }: Instance): boolean {
    const { lanes, quarantine } = this.#options;
    const isIdle = taskState === null && !lanes.isBusy(uuid);
    return isIdle && host === this.#options.host && !quarantine.holds(uuid);
  }

  async #ask(instance: Instance, signal: AbortSignal): Promise<PowerState> {
    try {
      return (await this.#options.driver.getInfo({ instance }, { signal })).powerState;
    } catch (failure) {
      if (isComputeError(failure, 'INSTANCE_NOT_FOUND')) return 'NOSTATE';
      throw failure;
    }
  }
}

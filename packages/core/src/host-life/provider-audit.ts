import type { Clock, DriverLog } from '../driver/index.js';
import type { InstanceLanes } from '../guard/instance-lanes.js';
import { buildOf } from '../model/build-of.js';
import type { ComputeEvents } from '../model/compute-events.js';
import type { ProviderAuditResult } from '../model/host-health.js';
import type { Instance } from '../model/instance.js';
import { isOver, migrationStatuses } from '../model/migration.js';
import { newRecordUuid } from '../model/new-record-uuid.js';
import { readSound } from '../records/read-sound.js';
import type { Records } from '../records/records.js';
import { inParallel } from './in-parallel.js';
import { instancePages } from '../store/instance-pages.js';
import { mendDeviation, type Deviation, type MendDeviationDeps } from './mend-deviation.js';
import {
  verdictOnHeldInterface,
  verdictOnHeldVolume,
  verdictOnMissingVolume,
  type AuditedInstance,
  type ProviderVerdict,
} from './provider-verdict.js';

export interface ProviderAuditOptions extends MendDeviationDeps {
  readonly host: string;
  /** What is done about deviations that are certain. All others are told, always. */
  readonly providerDeviations: 'alert' | 'mend';
  readonly lanes: InstanceLanes;
  readonly records: Records;
  readonly events: ComputeEvents;
  readonly clock: Clock;
  readonly log: DriverLog;
}

interface Seen {
  readonly instance: Instance;
  readonly deviation: Deviation;
  readonly verdict: ProviderVerdict;
  isTold: boolean;
}

const AT_ONCE_MAX = 4;
/** More than a host deletes from one run to the next. What is beyond is looked at by the next process. */
const DELETED_COUNT_MAX = 10_000;
const DELETED_LATELY_MS = 7 * 86_400_000;
const unfinished = migrationStatuses.filter((status) => !isOver({ status }));

/**
 * Compares what instances of the host have on record with what their providers hold for them: one read an instance and provider; at the start
 * also of those deleted in the last week, later of those deleted since the run before. A deviation counts once two runs in a row have seen it with
 * the same answers and the record unchanged. What is certain is mended then, where the policy says so; anything else is told, once a process. Only
 * the host that the record names does either, and what it changes it changes in the instance's lock, after one more look.
 */
export class ProviderAudit {
  readonly #options: ProviderAuditOptions;
  #seen: ReadonlyMap<string, Seen> = new Map();
  readonly #deletedSince = new Set<string>();
  readonly #stopListening: () => void;
  #result: ProviderAuditResult | null = null;

  constructor(options: ProviderAuditOptions) {
    this.#options = options;
    this.#stopListening = options.events.on('instance.changed', ({ uuid, vmState, host }) => {
      const isFull = this.#deletedSince.size >= DELETED_COUNT_MAX;
      if (vmState === 'deleted' && host === options.host && !isFull) this.#deletedSince.add(uuid);
    });
  }

  /** Hears of no more deletions. Idempotent. */
  close(): void {
    this.#stopListening();
  }

  /** `null` until a run has ended. */
  get result(): ProviderAuditResult | null {
    return this.#result;
  }

  /** Rejects with the first failure, once all instances were looked at. */
  async run(signal: AbortSignal): Promise<void> {
    const found = new Map<string, Seen>();
    const counts = { instances: 0, unanswered: 0, mended: 0 };
    const look = async (instance: Instance): Promise<void> => {
      counts.instances += 1;
      try {
        for (const seen of await this.#deviations(instance, signal)) {
          if (await this.#isMended(seen, signal)) counts.mended += 1;
          else found.set(keyOf(seen), seen);
        }
      } catch (failure) {
        counts.unanswered += 1;
        // What was seen before is neither seen again nor forgotten.
        for (const [key, seen] of this.#seen) if (seen.instance.uuid === instance.uuid) found.set(key, seen);
        throw failure;
      }
    };
    const failures: unknown[] = [];
    const page = async (instances: readonly Instance[]): Promise<void> => {
      try {
        await inParallel(instances, { countMax: AT_ONCE_MAX, signal }, look);
      } catch (failure) {
        signal.throwIfAborted();
        failures.push(failure);
      }
    };
    const { records, host, clock } = this.#options;
    for await (const instances of instancePages(records.store, { host }, { signal })) {
      await page(instances.filter(({ taskState }) => taskState === null));
    }
    await page(await this.#deleted(signal));
    this.#seen = found;
    this.#result = { ...counts, deviations: found.size, endedAtMs: clock.now() };
    if (failures.length > 0) throw failures[0];
  }

  /** At the first run the instances that were deleted in the last week, later those deleted since the run before, and those with deviations. */
  async #deleted(signal: AbortSignal): Promise<readonly Instance[]> {
    const { records, host, clock } = this.#options;
    const uuids = new Set([...this.#deletedSince, ...[...this.#seen.values()].map(({ instance }) => instance.uuid)]);
    this.#deletedSince.clear();
    if (this.#result === null) {
      for await (const page of instancePages(records.store, { host, vmState: ['deleted'] }, { signal })) {
        const lately = page.filter(({ updatedAtMs }) => clock.now() - updatedAtMs <= DELETED_LATELY_MS);
        for (const { uuid } of lately) uuids.add(uuid);
      }
    }
    const found: Instance[] = [];
    for (const uuid of uuids) {
      const instance = await readSound(uuid, records);
      if (instance?.vmState === 'deleted' && instance.host === host) found.push(instance);
    }
    return found;
  }

  /** Where an instance and its providers differ, as seen now. */
  async #deviations(instance: Instance, signal: AbortSignal): Promise<readonly Seen[]> {
    const { providers } = this.#options;
    const { blockDevices, networkInterfaces, vmState } = instance;
    const isRecorded = vmState !== 'deleted';
    const deviations: Deviation[] = [];
    if (providers.has('volumes')) {
      const held = await providers.volumes.volumesOf(buildOf(instance), { signal });
      deviations.push(...held.map((volume) => ({ on: 'held volume', volume }) as const));
      const missing = blockDevices.filter(({ id }) => isRecorded && !held.some((volume) => volume.id === id));
      deviations.push(
        ...missing.map(({ id, reservationId }) => ({ on: 'missing volume', volumeId: id, reservationId }) as const),
      );
    }
    if (providers.has('networks')) {
      const held = await providers.networks.interfacesOf(buildOf(instance), { signal });
      const more = held.filter(({ id }) => !isRecorded || !networkInterfaces.some((each) => each.id === id));
      deviations.push(...more.map(({ id }) => ({ on: 'held interface', interfaceId: id }) as const));
    }
    if (deviations.every((deviation) => deviation.on === 'held volume' && isUsual(deviation, instance))) return [];
    const audited = await this.#audited(instance, signal);
    return deviations
      .map((deviation) => ({ instance, deviation, verdict: verdictOn(deviation, audited) }))
      .filter(({ verdict }) => verdict !== 'fine' && verdict !== 'awaited')
      .map((seen) => ({ ...seen, isTold: this.#seen.get(keyOf({ ...seen, isTold: false }))?.isTold ?? false }));
  }

  async #audited(instance: Instance, signal: AbortSignal): Promise<AuditedInstance> {
    const { records, host } = this.#options;
    const { uuid: instanceUuid } = instance;
    const actions = await records.store.listActions(instanceUuid, { signal });
    const migrations = await records.store.listMigrations({ instanceUuid, status: unfinished }, { signal });
    return { instance, actions, migration: migrations.length > 0 ? 'unfinished' : 'none', host };
  }

  /** Mends a deviation that was seen twice and is certain, or tells it. */
  async #isMended(seen: Seen, signal: AbortSignal): Promise<boolean> {
    const { providerDeviations, log } = this.#options;
    const before = this.#seen.get(keyOf(seen));
    if (before?.instance.revision !== seen.instance.revision || before.verdict !== seen.verdict) return false;
    const { uuid: instanceUuid } = seen.instance;
    const difference = textOf(seen.deviation);
    if (providerDeviations === 'mend' && seen.verdict !== 'tell') {
      try {
        const end = await this.#mend(seen, signal);
        if (end === 'changed') return false;
        if (end === 'mended') {
          await this.#notify(seen, 'mended');
          log.warn({ instanceUuid, difference }, 'deviation of a record from its provider mended');
          return true;
        }
      } catch (failure) {
        signal.throwIfAborted();
        log.warn({ err: failure, instanceUuid, difference }, 'deviation of a record from its provider not mended');
      }
    }
    if (seen.isTold) return false;
    await this.#notify(seen, 'left');
    seen.isTold = true;
    log.error({ instanceUuid, difference }, 'deviation of a record from its provider');
    return false;
  }

  /** In the instance's lock, and after one more look: what has changed since is not touched, and looked at anew by the next run. */
  async #mend(seen: Seen, signal: AbortSignal): Promise<'mended' | 'left' | 'changed'> {
    const { lanes, records } = this.#options;
    const { uuid: instanceUuid, revision } = seen.instance;
    const entry = { instanceUuid, operation: 'mend what a provider holds for', manner: 'wait', signal } as const;
    return await lanes.enter(entry, async (turn) => {
      const instance = await records.store.getInstance(instanceUuid, { signal: turn });
      if (instance.revision !== revision) return 'changed';
      const again = await this.#deviations(instance, turn);
      if (!again.some((each) => keyOf(each) === keyOf(seen) && each.verdict === seen.verdict)) return 'changed';
      return await mendDeviation(seen.deviation, await this.#audited(instance, turn), this.#options, turn);
    });
  }

  async #notify({ instance, deviation }: Seen, reaction: 'mended' | 'left'): Promise<void> {
    const { records, clock, host } = this.#options;
    const notification = {
      id: newRecordUuid(),
      eventType: 'compute.provider.deviation',
      priority: reaction === 'mended' ? ('INFO' as const) : ('ERROR' as const),
      publisher: `compute:${host}`,
      instanceUuid: instance.uuid,
      requestId: null,
      occurredAtMs: clock.now(),
      payload: { difference: textOf(deviation), reaction },
      operator: null,
    };
    await records.commit([{ write: 'append-notification', notification }]);
  }
}

function verdictOn(deviation: Deviation, audited: AuditedInstance): ProviderVerdict {
  switch (deviation.on) {
    case 'held volume':
      return verdictOnHeldVolume(deviation.volume, audited);
    case 'missing volume':
      return verdictOnMissingVolume(deviation, audited);
    case 'held interface':
      return verdictOnHeldInterface(deviation.interfaceId, audited);
  }
}

/** Nearly all are: then nothing else is read. */
function isUsual({ volume }: Extract<Deviation, { on: 'held volume' }>, { blockDevices, vmState }: Instance): boolean {
  const { id, attachment } = volume;
  return (
    vmState !== 'deleted' &&
    blockDevices.some((device) => device.id === id && device.reservationId === attachment?.reservationId)
  );
}

/** Names one deviation with all that was answered of it: another answer is another deviation. */
function keyOf({ instance, deviation }: Seen): string {
  const { reservationId = '', hosts = [] } = deviation.on === 'held volume' ? (deviation.volume.attachment ?? {}) : {};
  return [instance.uuid, textOf(deviation), reservationId, ...hosts].join(' ');
}

function textOf(deviation: Deviation): string {
  switch (deviation.on) {
    case 'held volume':
      return `volume ${deviation.volume.id} not on record as it is held`;
    case 'missing volume':
      return `volume ${deviation.volumeId} not held at its provider`;
    case 'held interface':
      return `interface ${deviation.interfaceId} not on record`;
  }
}

import { ComputeError, supports, type CallOptions, type DriverLog } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { ComputeEvents } from '../model/compute-events.js';
import type { Footprint } from '../model/footprint.js';
import type { Instance } from '../model/instance.js';
import { isOver, migrationStatuses, type Migration } from '../model/migration.js';
import type { Records } from '../records/records.js';
import type { AllocationRatios } from './claims-configuration.js';
import {
  footprintOf,
  footprintOfInstance,
  footprintOfMigration,
  isClaiming,
  larger,
  nothing,
  publicResources,
  resources,
} from './footprint.js';
import { HostLedger } from './host-ledger.js';

export interface ResourceClaimsOptions {
  readonly host: string;
  readonly driver: GuestDriver;
  readonly records: Records;
  readonly events: ComputeEvents;
  readonly ratios: AllocationRatios;
  readonly log: DriverLog;
}

/** What somebody is about to put on the host. It is counted from the record of it as soon as that is written. */
export interface Claim {
  /** Idempotent. */
  readonly release: () => void;
}

/** What a host has and what of it is taken. */
export interface HostUsage {
  readonly used: Footprint;
  /** What may be taken: what the host has, times the allocation ratios; `null` where the driver does not tell. */
  readonly limits: Footprint | null;
}

const unfinished = migrationStatuses.filter((status) => !isOver({ status }));

/**
 * Sees to it that no more is put on the host than it can take. What is taken is derived from the records of instances and moves, and
 * never counted by hand: nothing can leak. A claim stands for a record that is not written yet.
 */
export class ResourceClaims {
  readonly #options: ResourceClaimsOptions;
  readonly #ledger = new HostLedger();
  readonly #stopListening: (() => void)[] = [];
  /** What the records say has changed since an audit began to read them. */
  readonly #changedMeanwhile = new Set<string>();
  /** The moves that are about to begin here. */
  readonly #claimingMoves = new Set<string>();
  #limits: Footprint | null | undefined;

  constructor(options: ResourceClaimsOptions) {
    this.#options = options;
  }

  /** Begins to follow the records. */
  async open(): Promise<void> {
    const { events } = this.#options;
    this.#stopListening.push(
      events.on('instance.changed', (instance) => this.noteInstance(instance)),
      events.on('migration.changed', (migration) => this.noteMigration(migration)),
    );
    await this.#readRecords({});
  }

  close(): void {
    for (const stop of this.#stopListening.splice(0)) stop();
  }

  /** Reads the records and the host again: what other managers have written is not heard of here. */
  async audit(options: CallOptions = {}): Promise<HostUsage> {
    await this.#readRecords(options);
    return { used: this.#ledger.used, limits: await this.readLimits(options) };
  }

  /** What may be taken of the host in all, as its driver says now; `null` where it does not tell. */
  async readLimits(options: CallOptions = {}): Promise<Footprint | null> {
    this.#limits = await this.#askLimits(options);
    return this.#limits;
  }

  /**
   * Takes what an instance or a move is going to need here, by its uuid.
   * @throws ComputeError `INSUFFICIENT_RESOURCES` with effect `none`
   */
  async claim(uuid: string, footprint: Footprint, options: CallOptions = {}): Promise<Claim> {
    this.#limits ??= await this.#askLimits(options);
    // Something may have left the host without a word.
    if (this.#lacking(uuid, footprint) !== undefined) await this.audit(options);
    const resource = this.#lacking(uuid, footprint);
    if (resource !== undefined) throw this.#refusal(resource, footprint);
    this.#ledger.claim(uuid, footprint);
    return { release: () => this.#ledger.claim(uuid, nothing) };
  }

  /** Takes what a move to here is going to need. It is held until the record of the move says that it has begun, or is over. */
  async claimMove({ uuid, newFlavor }: Migration, options: CallOptions = {}): Promise<void> {
    await this.claim(uuid, footprintOf(newFlavor), options);
    this.#claimingMoves.add(uuid);
    this.#changedMeanwhile.add(uuid);
  }

  noteInstance(instance: Instance): void {
    this.#changedMeanwhile.add(instance.uuid);
    this.#ledger.record(instance.uuid, footprintOfInstance(instance, this.#options.host));
  }

  noteMigration(migration: Migration): void {
    this.#changedMeanwhile.add(migration.uuid);
    this.#ledger.record(migration.uuid, footprintOfMigration(migration, this.#options.host));
    if (!isClaiming(migration)) this.#endClaimOf(migration.uuid);
  }

  async #readRecords(options: CallOptions): Promise<void> {
    const { host, records } = this.#options;
    this.#changedMeanwhile.clear();
    const listMigrations = () => records.store.listMigrations({ host, status: unfinished }, options);
    // What goes from one to the other between the reads is counted twice rather than not at all.
    const before = await listMigrations();
    const instances = await records.store.listInstances({ host }, options);
    const migrations = await listMigrations();
    const read = new Map(instances.map((each) => [each.uuid, footprintOfInstance(each, host)]));
    for (const each of [...before, ...migrations]) {
      read.set(each.uuid, larger(read.get(each.uuid) ?? nothing, footprintOfMigration(each, host)));
    }
    const claiming = new Set(migrations.filter(isClaiming).map(({ uuid }) => uuid));
    for (const uuid of [...this.#claimingMoves]) {
      if (!claiming.has(uuid) && !this.#changedMeanwhile.has(uuid)) this.#endClaimOf(uuid);
    }
    for (const key of [...this.#ledger.recordedKeys()]) if (!read.has(key)) read.set(key, nothing);
    for (const [key, footprint] of read) if (!this.#changedMeanwhile.has(key)) this.#ledger.record(key, footprint);
  }

  #endClaimOf(migrationUuid: string): void {
    if (this.#claimingMoves.delete(migrationUuid)) this.#ledger.claim(migrationUuid, nothing);
  }

  async #askLimits(options: CallOptions): Promise<Footprint | null> {
    const { driver, ratios } = this.#options;
    if (!supports(driver, 'hostResources')) return null;
    const { vcpus, memoryMib, diskGib } = await driver.with('hostResources').getAvailableResource({}, options);
    return {
      vcpus: vcpus * ratios.vcpus,
      memoryMib: memoryMib * ratios.memory,
      diskGib: diskGib * ratios.disk,
    };
  }

  #lacking(uuid: string, footprint: Footprint): keyof Footprint | undefined {
    const limits = this.#limits;
    if (!limits) return undefined;
    const addition = this.#ledger.addition(uuid, footprint);
    const { used } = this.#ledger;
    return resources.find((each) => addition[each] > 0 && used[each] + addition[each] > limits[each]);
  }

  #refusal(resource: keyof Footprint, asked: Footprint): ComputeError {
    const { host } = this.#options;
    const operator = { host, asked, used: this.#ledger.used, limits: this.#limits };
    return new ComputeError(
      'INSUFFICIENT_RESOURCES',
      { resource: publicResources[resource] },
      { effect: 'none', operator },
    );
  }
}

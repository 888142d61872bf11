import { isComputeError, type Clock, type DriverLog } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import { isAnother, isMeant } from '../guard/guest-ref.js';
import type { InstanceLanes } from '../guard/instance-lanes.js';
import type { ComputeEvents } from '../model/compute-events.js';
import type { UnknownGuest } from '../model/deviation.js';
import type { Instance } from '../model/instance.js';
import { isOver, migrationStatuses } from '../model/migration.js';
import { newRecordUuid } from '../model/new-record-uuid.js';
import type { Records } from '../records/records.js';
import { inParallel } from './in-parallel.js';
import { instancePages } from '../store/instance-pages.js';

export interface GuestAuditOptions {
  readonly host: string;
  /** What is done about the guest of an instance that was deleted. All others are left alone, always. */
  readonly guestsOfDeleted: 'alert' | 'reap';
  readonly driver: Pick<GuestDriver, 'listInstanceUuids' | 'inspectAny' | 'knownGeneration' | 'destroy'>;
  readonly records: Records;
  readonly lanes: InstanceLanes;
  readonly events: ComputeEvents;
  readonly clock: Clock;
  readonly log: DriverLog;
}

const AT_ONCE_MAX = 4;
const unfinished = migrationStatuses.filter((status) => !isOver({ status }));

/**
 * Looks for guests that no instance of the host accounts for. They are told, once a process; what nobody knows of may be somebody's only
 * copy, and is not touched.
 */
export class GuestAudit {
  readonly #options: GuestAuditOptions;
  #unknown = new Map<string, UnknownGuest>();

  constructor(options: GuestAuditOptions) {
    this.#options = options;
  }

  /** Those that the last audit has found and left. */
  get unknownGuests(): readonly UnknownGuest[] {
    return [...this.#unknown.values()];
  }

  async run(signal: AbortSignal): Promise<void> {
    const { driver, records, host } = this.#options;
    // In this order: what is built meanwhile has a record already when the records are read.
    const strangers = new Set(await driver.listInstanceUuids({}, { signal }));
    for await (const page of instancePages(records.store, { host }, { signal })) {
      for (const instance of page) if (!this.#mayBeAnother(instance)) strangers.delete(instance.uuid);
    }
    const found = new Map<string, UnknownGuest>();
    await inParallel([...strangers], { countMax: AT_ONCE_MAX, signal }, async (uuid) => {
      const guest = await this.#judge(uuid, signal);
      if (!guest || (guest.because === 'deleted' && (await this.#reaped(uuid, signal)))) return;
      found.set(uuid, guest);
      if (this.#unknown.get(uuid)?.because !== guest.because) await this.#tell(guest);
    });
    this.#unknown = found;
  }

  async #judge(instanceUuid: string, signal: AbortSignal): Promise<UnknownGuest | undefined> {
    const { driver, host, lanes } = this.#options;
    const instance = await this.#recordOf(instanceUuid, signal);
    if (instance === 'damaged') return undefined;
    if (!instance) return { instanceUuid, because: 'no record' };
    if (instance.taskState !== null || lanes.isBusy(instanceUuid)) return undefined;
    if (isAnother(instance, await driver.inspectAny({ instanceUuid }, { signal }))) {
      return instance.host === host
        ? { instanceUuid, because: 'another generation' }
        : await this.#elsewhere(instance, signal);
    }
    if (instance.vmState === 'deleted') return { instanceUuid, because: 'deleted' };
    return instance.host === host ? undefined : await this.#elsewhere(instance, signal);
  }

  /** Known from when the driver was last asked: every guest is, when the manager starts. */
  #mayBeAnother(instance: Instance): boolean {
    const generation = this.#options.driver.knownGeneration(instance.uuid);
    return generation !== undefined && !isMeant(instance, generation);
  }

  async #elsewhere({ uuid: instanceUuid }: Instance, signal: AbortSignal): Promise<UnknownGuest | undefined> {
    const { records, host } = this.#options;
    // A move keeps a guest at both ends until it is confirmed.
    const moves = await records.store.listMigrations({ instanceUuid, host, status: unfinished }, { signal });
    return moves.length > 0 ? undefined : { instanceUuid, because: 'elsewhere' };
  }

  async #recordOf(instanceUuid: string, signal: AbortSignal): Promise<Instance | 'damaged' | undefined> {
    try {
      return await this.#options.records.store.getInstance(instanceUuid, { signal });
    } catch (failure) {
      if (isComputeError(failure, 'INSTANCE_NOT_FOUND')) return undefined;
      // It is set aside, and was named at the start.
      if (isComputeError(failure, 'RECORD_DAMAGED')) return 'damaged';
      throw failure;
    }
  }

  /** Removes the guest of a deleted instance, where that is wanted. */
  async #reaped(instanceUuid: string, signal: AbortSignal): Promise<boolean> {
    const { guestsOfDeleted, lanes, driver, records, log } = this.#options;
    if (guestsOfDeleted === 'alert') return false;
    const entry = { instanceUuid, operation: 'reap', manner: 'wait', signal } as const;
    try {
      await lanes.enter(entry, async (turn) => {
        const instance = await records.store.getInstance(instanceUuid, { signal: turn });
        await driver.destroy({ instance }, { signal: turn });
      });
      log.warn({ instanceUuid }, 'the guest of a deleted instance was removed');
      return true;
    } catch (failure) {
      // It is told like any other, and the next audit tries again.
      log.error({ err: failure, instanceUuid }, 'the guest of a deleted instance could not be removed');
      return false;
    }
  }

  async #tell(guest: UnknownGuest): Promise<void> {
    const { records, events, clock, log, host } = this.#options;
    const notification = {
      id: newRecordUuid(),
      eventType: 'compute.guest.unknown',
      priority: 'ERROR' as const,
      publisher: `compute:${host}`,
      instanceUuid: guest.instanceUuid,
      requestId: null,
      occurredAtMs: clock.now(),
      payload: {},
      operator: null,
    };
    await records.commit([{ write: 'append-notification', notification }]);
    log.error(guest, 'the hypervisor has a guest that no instance of this host accounts for');
    events.emit('guest.unknown', guest);
  }
}

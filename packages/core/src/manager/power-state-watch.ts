import { isComputeError, type ComputeDriver, type DriverEvent, type DriverLog } from '../driver/index.js';
import type { InstanceLanes } from '../guard/instance-lanes.js';
import type { Instance, InstancePatch } from '../model/instance.js';
import type { Records } from '../records/records.js';

export interface PowerStateWatchOptions {
  readonly host: string;
  readonly driver: Pick<ComputeDriver, 'getInfo'>;
  readonly records: Records;
  readonly lanes: InstanceLanes;
  readonly log: DriverLog;
}

/** Asking every guest of a host at once would be a storm; Nova's power sync pool has 5. */
const CONCURRENCY_MAX = 5;

/**
 * Makes the records follow guests that change by themselves. An event of the driver is a hint: the driver is asked what is true, and
 * only an instance that nothing is being done to is changed. A guest that has stopped makes its instance `stopped`.
 */
export class PowerStateWatch {
  readonly #options: PowerStateWatchOptions;
  /** What is being looked at; one more event for it meanwhile means one more look afterwards. */
  readonly #looking = new Map<string, { again: boolean; readonly done: Promise<void> }>();
  #closed = false;

  constructor(options: PowerStateWatchOptions) {
    this.#options = options;
  }

  /** Takes a hint. Returns at once. */
  heed(event: DriverEvent): void {
    if (this.#closed) return;
    if (event.type === 'lifecycle') this.#look(event.instanceUuid, () => this.#sync(event.instanceUuid));
    else this.#look('every instance of the host', () => this.#syncAll());
  }

  /** Heeds nothing more and waits for the looks under way. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#looking.values()].map(({ done }) => done));
  }

  #look(key: string, sync: () => Promise<void>): void {
    const underWay = this.#looking.get(key);
    if (underWay) {
      underWay.again = true;
      return;
    }
    const look = { again: false, done: this.#keepLooking(key, sync) };
    this.#looking.set(key, look);
  }

  async #keepLooking(key: string, sync: () => Promise<void>): Promise<void> {
    // Later than the registration, so that it finds itself in the map.
    await Promise.resolve();
    do {
      const look = this.#looking.get(key);
      if (look) look.again = false;
      try {
        await sync();
      } catch (failure) {
        this.#options.log.warn({ err: failure, of: key }, 'a power state could not be compared with its record');
      }
    } while (this.#looking.get(key)?.again);
    this.#looking.delete(key);
  }

  async #syncAll(): Promise<void> {
    const { records, host } = this.#options;
    const uuids = (await records.store.listInstances({ host })).map(({ uuid }) => uuid);
    const next = uuids.values();
    const worker = async (): Promise<void> => {
      for (const uuid of next) await this.#sync(uuid);
    };
    await Promise.all(Array.from({ length: CONCURRENCY_MAX }, worker));
  }

  async #sync(uuid: string): Promise<void> {
    const { records, driver, lanes } = this.#options;
    const instance = await this.#instance(uuid);
    if (instance?.taskState !== null || lanes.isBusy(uuid)) return;
    const { powerState } = await driver.getInfo(uuid);
    const patch = patchFor(instance, powerState);
    if (!patch) return;
    const guard = { taskState: [null], vmState: [instance.vmState] };
    await records.commit([{ write: 'update-instance', uuid, patch, guard }]);
  }

  /** `undefined` for a guest whose instance is not in the records: not ours to judge. */
  async #instance(uuid: string): Promise<Instance | undefined> {
    try {
      return await this.#options.records.store.getInstance(uuid);
    } catch (failure) {
      if (isComputeError(failure, 'INSTANCE_NOT_FOUND')) return undefined;
      throw failure;
    }
  }
}

function patchFor(
  { vmState, powerState: known }: Instance,
  powerState: Instance['powerState'],
): InstancePatch | undefined {
  const off = powerState === 'SHUTDOWN' || powerState === 'CRASHED';
  if (vmState === 'active' && off) return { powerState, vmState: 'stopped' };
  return powerState === known ? undefined : { powerState };
}

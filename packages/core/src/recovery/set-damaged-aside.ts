import type { DriverLog } from '../driver/index.js';
import { readSound } from '../records/read-sound.js';
import type { Records } from '../records/records.js';
import type { DamagedRecord } from '../store/compute-store.js';

export interface DamagedOptions {
  readonly host: string;
  readonly records: Records;
  readonly log: DriverLog;
  /** Sets an instance aside until the driver tells what is true of it. */
  readonly setAside: (instanceUuid: string) => void;
}

/**
 * Names every record of the host that cannot be read, and sets its instance aside: nobody knows what it should be. The others go on. A
 * damaged action that does not hold its instance any more is ended.
 * @returns the uuids of the instances that were set aside
 */
export async function setDamagedAside({ host, records, log, setAside }: DamagedOptions): Promise<readonly string[]> {
  const instanceUuids = new Set<string>();
  for (const damaged of await records.store.listDamaged(host)) {
    const { record, uuid, instanceUuid } = damaged;
    log.error({ record, uuid, instanceUuid }, 'damaged record found');
    if (record === 'action' && (await isFreeOf(damaged, records))) {
      await records.commit([{ write: 'end-damaged-action', uuid }]);
    } else {
      setAside(instanceUuid);
      instanceUuids.add(instanceUuid);
    }
  }
  return [...instanceUuids];
}

async function isFreeOf({ uuid, instanceUuid }: DamagedRecord, records: Records): Promise<boolean> {
  const instance = await readSound(instanceUuid, records);
  return instance !== undefined && instance.taskOwner !== uuid;
}

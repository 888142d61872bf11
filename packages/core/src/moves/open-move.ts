import type { CallOptions } from '../driver/index.js';
import { isOver, migrationStatuses, type Migration } from '../model/migration.js';
import type { Records } from '../records/records.js';

const unfinished = migrationStatuses.filter((status) => !isOver({ status }));

/** The moves of an instance that are not over, newest first. */
export async function openMovesOf(
  instanceUuid: string,
  records: Records,
  options?: CallOptions,
): Promise<readonly Migration[]> {
  return await records.store.listMigrations({ instanceUuid, status: unfinished }, options);
}

/** The move that an instance is on; one at most. An evacuation that only waits for the old host to come back is none. */
export async function openMoveOf(
  instanceUuid: string,
  records: Records,
  options?: CallOptions,
): Promise<Migration | undefined> {
  return (await openMovesOf(instanceUuid, records, options)).find((each) => !isEvacuated(each));
}

/** Whether the instance is where it was evacuated to, and its old host has not come back yet to remove its copy. */
export function isEvacuated({ kind, status }: Migration): boolean {
  return kind === 'evacuation' && status === 'finished';
}

import type { GuestDriver } from '../guard/guest-driver.js';
import type { GuestRef } from '../guard/guest-ref.js';
import type { Migration } from '../model/migration.js';

/**
 * What a move has left on this host, by the generation it is of: disks on storage that two hosts share get that of the guest that uses them.
 * What is there of a third guest is not meant.
 */
export async function leftOf(migration: Migration, driver: Pick<GuestDriver, 'inspectAny'>): Promise<GuestRef> {
  const { instanceUuid: uuid, generationBefore: generation = null, generationAfter } = migration;
  const found = await driver.inspectAny({ instanceUuid: uuid });
  const isSpawned = generationAfter !== undefined && found.generation === generationAfter;
  return { uuid, generation: isSpawned ? generationAfter : generation };
}

import { supports } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import { isOver, migrationStatuses } from '../model/migration.js';
import type { Records } from '../records/records.js';
import { instancePages } from '../store/instance-pages.js';

export interface ImageCacheUpkeepOptions {
  readonly host: string;
  readonly driver: GuestDriver;
  readonly records: Records;
}

const unfinished = migrationStatuses.filter((status) => !isOver({ status }));

/** Tells the driver which images the host's instances, and those on their way to it, are made from, so that it removes the others. */
export async function keepImageCache(
  { host, driver, records }: ImageCacheUpkeepOptions,
  signal: AbortSignal,
): Promise<void> {
  if (!supports(driver, 'imageCache')) return;
  const inUse = new Set<string>();
  for await (const page of instancePages(records.store, { host }, { signal })) {
    for (const { image } of page) inUse.add(image.id);
  }
  for (const { instanceUuid } of await records.store.listMigrations({ host, status: unfinished }, { signal })) {
    inUse.add((await records.store.getInstance(instanceUuid, { signal })).image.id);
  }
  await driver.with('imageCache').manageImageCache({ imageIdsInUse: [...inUse] }, { signal });
}

import { isComputeError, supports, type GuestInspection } from '../driver/index.js';
import { migrationFromFields, type Migration } from '../model/migration.js';
import { specOf, type Instance } from '../model/instance.js';
import type { MoveParts } from './move-parts.js';
import { isEvacuated } from './open-move.js';

/** What a host has not removed in so long a time, an operator has; in milliseconds. */
const AGE_MAX_MS = 30 * 24 * 60 * 60_000;

/**
 * Removes what moves have left on this host, at its start: the copies of instances that were evacuated while it was dead, and the halves of
 * moves that are over. An instance that is this host's own, or on a move, is left alone. Never rejects.
 */
export async function cleanUpMoves(parts: MoveParts): Promise<void> {
  const { host, records, clock, log } = parts;
  try {
    const evacuated = (await records.store.listMigrations({ host, status: ['finished'] })).filter(
      (each) => isEvacuated(each) && each.sourceHost === host,
    );
    for (const migration of evacuated) await safely(migration, parts, removeEvacuated);
    const over = await records.store.listMigrations({ host, status: ['failed', 'cancelled'] });
    const recent = over.filter(({ updatedAtMs }) => clock.now() - updatedAtMs < AGE_MAX_MS);
    for (const migration of recent) await safely(migration, parts, removeLeftHalf);
  } catch (failure) {
    log.error({ err: failure }, 'what moves have left on this host could not be looked for');
  }
}

type Removal = (migration: Migration, instance: Instance, parts: MoveParts) => Promise<void>;

async function safely(migration: Migration, parts: MoveParts, remove: Removal): Promise<void> {
  const { instanceUuid, uuid } = migration;
  try {
    const instance = await parts.records.store.getInstance(instanceUuid);
    const isOwn = instance.host === parts.host && instance.vmState !== 'deleted';
    if (!isOwn && instance.taskState === null) await remove(migration, instance, parts);
  } catch (failure) {
    if (isComputeError(failure, 'INSTANCE_NOT_FOUND')) return;
    parts.log.error(
      { err: failure, instanceUuid, migrationUuid: uuid },
      'what a move has left here could not be removed',
    );
  }
}

/** The instance runs elsewhere since, so the copy that is here is stale; disks that both hosts share are the other's now. */
async function removeEvacuated(migration: Migration, instance: Instance, parts: MoveParts): Promise<void> {
  const { driver, records, clock, log } = parts;
  const { instanceUuid } = migration;
  const keepsDisks = migration.data?.disks === 'shared' && instance.vmState !== 'deleted';
  await driver.destroy(instanceUuid, { disks: keepsDisks ? 'keep' : 'remove' });
  if (keepsDisks && supports(driver, 'lingeringFiles')) {
    await driver.with('lingeringFiles').deleteInstanceFiles(instanceUuid);
  }
  const completed = migrationFromFields({ ...migration, status: 'completed', updatedAtMs: clock.now() });
  await records.commit([{ write: 'put-migration', migration: completed }]);
  log.info({ instanceUuid }, 'the copy of an instance that was evacuated from this host has been removed');
}

async function removeLeftHalf(migration: Migration, instance: Instance, parts: MoveParts): Promise<void> {
  const { driver, volumes, log } = parts;
  const { instanceUuid } = migration;
  const found = await driver.inspect(instanceUuid);
  if (isBare(found)) return;
  if (instance.vmState === 'deleted') {
    await driver.destroy(instanceUuid);
  } else if (found.powerState === 'RUNNING' || found.powerState === 'PAUSED') {
    log.error({ instanceUuid }, 'a guest runs here whose record is elsewhere; it is left alone');
    return;
  } else if (migration.data && migration.kind === 'live-migration') {
    await removeLiveHalf(migration, migration.data, instance, parts);
  } else if (migration.kind === 'resize' || migration.kind === 'migration') {
    await driver.destroy(instanceUuid);
  } else return;
  await volumes.disconnect(instanceUuid);
  log.info({ instanceUuid }, 'what a move that is over had left on this host has been removed');
}

async function removeLiveHalf(
  { sourceHost }: Migration,
  data: NonNullable<Migration['data']>,
  instance: Instance,
  { driver, host }: MoveParts,
): Promise<void> {
  const live = driver.with('liveMigration');
  if (sourceHost === host) await live.postLiveMigrationAtSource(specOf(instance), data);
  else await live.rollbackLiveMigrationAtDestination(specOf(instance), data);
}

function isBare({ guest, belongings }: GuestInspection): boolean {
  return guest === 'absent' && belongings.length === 0;
}

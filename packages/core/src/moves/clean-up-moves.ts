import { ComputeError, isComputeError, supports, type GuestInspection } from '../driver/index.js';
import { specOf, type Instance } from '../model/instance.js';
import { migrationFromFields, type Migration } from '../model/migration.js';
import { leftOf } from './left-of-move.js';
import type { MoveParts } from './move-parts.js';
import { isEvacuated } from './open-move.js';

/** What a host has not removed in so long a time, an operator has; in milliseconds. */
const AGE_MAX_MS = 30 * 24 * 60 * 60_000;

/**
 * Removes what moves have left on this host, at its start: the copies of instances that were evacuated while it was dead, and the halves of
 * moves that are over. An instance that is this host's own, or on a move, is left alone. Never rejects; answers the moves of which
 * something could not be removed.
 */
export async function cleanUpMoves(parts: MoveParts): Promise<readonly Migration[]> {
  const { host, records, clock, log } = parts;
  try {
    const evacuated = (await records.store.listMigrations({ host, status: ['finished'] })).filter(
      (each) => isEvacuated(each) && each.sourceHost === host,
    );
    const over = await records.store.listMigrations({ host, status: ['failed', 'cancelled'] });
    const recent = over.filter(({ updatedAtMs }) => clock.now() - updatedAtMs < AGE_MAX_MS);
    const left: Migration[] = [];
    for (const migration of [...evacuated, ...recent]) if (!(await isCleaned(migration, parts))) left.push(migration);
    return left;
  } catch (failure) {
    log.error({ err: failure }, 'what moves have left on this host could not be looked for');
    return [];
  }
}

async function isCleaned(migration: Migration, parts: MoveParts): Promise<boolean> {
  const { instanceUuid, uuid } = migration;
  try {
    await cleanUpAfter(migration, parts);
    return true;
  } catch (failure) {
    const message = 'what a move has left here could not be removed';
    parts.log.error({ err: failure, instanceUuid, migrationUuid: uuid }, message);
    return false;
  }
}

/**
 * Removes what a move that is over has left on this host. What is this host's own is left alone. Idempotent.
 * @throws ComputeError `UNEXPECTED_TASK_STATE` while something is being done to the instance
 */
export async function cleanUpAfter(migration: Migration, parts: MoveParts): Promise<void> {
  const instance = await instanceOf(migration, parts);
  if (!instance || (instance.host === parts.host && instance.vmState !== 'deleted')) return;
  const { taskState, uuid: instanceUuid } = instance;
  if (taskState !== null) {
    throw new ComputeError('UNEXPECTED_TASK_STATE', { instanceUuid, expected: ['none'], actual: taskState });
  }
  await (isEvacuated(migration) ? removeEvacuated : removeLeftHalf)(migration, instance, parts);
}

async function instanceOf({ instanceUuid }: Migration, { records }: MoveParts): Promise<Instance | undefined> {
  try {
    return await records.store.getInstance(instanceUuid);
  } catch (failure) {
    if (isComputeError(failure, 'INSTANCE_NOT_FOUND')) return undefined;
    throw failure;
  }
}

/** The instance runs elsewhere since, so the copy that is here is stale. */
async function removeEvacuated(migration: Migration, instance: Instance, parts: MoveParts): Promise<void> {
  const { records, volumes, clock, log } = parts;
  const { instanceUuid } = migration;
  await removeGuest(migration, instance, parts);
  await volumes.disconnect(instanceUuid);
  const completed = migrationFromFields({ ...migration, status: 'completed', updatedAtMs: clock.now() });
  await records.commit([{ write: 'put-migration', migration: completed }]);
  log.info({ instanceUuid }, 'the copy of an instance that was evacuated from this host has been removed');
}

/** Disks that both hosts share are the other's now. */
async function removeGuest(migration: Migration, instance: Instance, { driver }: MoveParts): Promise<void> {
  const keepsDisks = migration.data?.disks === 'shared' && instance.vmState !== 'deleted';
  await driver.destroy({ instance: await leftOf(migration, driver), disks: keepsDisks ? 'keep' : 'remove' });
  if (keepsDisks && supports(driver, 'lingeringFiles')) {
    await driver.with('lingeringFiles').deleteInstanceFiles({ instance: await leftOf(migration, driver) });
  }
}

/** Removes what a move that is over has on this host, whoever's the instance is. Idempotent. */
export async function removeLeftHalf(migration: Migration, instance: Instance, parts: MoveParts): Promise<void> {
  const { driver, volumes, log } = parts;
  const { instanceUuid } = migration;
  const left = await leftOf(migration, driver);
  const found = await driver.inspect({ instance: left });
  const isDeleted = instance.vmState === 'deleted';
  if (!isDeleted && (found.powerState === 'RUNNING' || found.powerState === 'PAUSED')) {
    log.error({ instanceUuid }, 'a guest runs here whose record is elsewhere; it is left alone');
    return;
  }
  if (!isBare(found)) {
    if (isDeleted) await driver.destroy({ instance: left });
    else await removeHalf(migration, instance, parts);
    log.info({ instanceUuid }, 'what a move that is over had left on this host has been removed');
  }
  await volumes.disconnect(instanceUuid);
}

async function removeHalf(migration: Migration, instance: Instance, parts: MoveParts): Promise<void> {
  const { driver } = parts;
  switch (migration.kind) {
    case 'live-migration':
      return await removeLiveHalf(migration, instance, parts);
    case 'evacuation':
      return await removeGuest(migration, instance, parts);
    default:
      await driver.destroy({ instance: await leftOf(migration, driver) });
  }
}

async function removeLiveHalf(migration: Migration, instance: Instance, { driver, host }: MoveParts): Promise<void> {
  const { sourceHost, data } = migration;
  const live = driver.with('liveMigration');
  const left = { ...specOf(instance), generation: migration.generationBefore ?? null };
  if (data === null) {
    // It has failed before the drivers had told each other anything: there is what the check has made at most.
    const nothing = { driver: 'unknown', disks: 'copied', address: host, facts: {} } as const;
    if (sourceHost !== host) await live.cleanupLiveMigrationDestinationCheck({ instance: left, data: nothing });
  } else if (sourceHost === host) await live.postLiveMigrationAtSource({ instance: left, data });
  else await live.rollbackLiveMigrationAtDestination({ instance: left, data });
}

function isBare({ guest, belongings }: GuestInspection): boolean {
  return guest === 'absent' && belongings.length === 0;
}

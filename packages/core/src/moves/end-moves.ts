import type { Instance } from '../model/instance.js';
import { migrationFromFields, type Migration } from '../model/migration.js';
import type { StoreWrite } from '../store/store-write.js';
import { endAt, type MoveParts } from './move-parts.js';
import { openMovesOf } from './open-move.js';

/**
 * Removes what the open moves of an instance that is being deleted have at other hosts, and answers the ends of their records. A host that
 * cannot be asked removes it at its next start. Never rejects.
 */
export async function endMoves(instance: Instance, parts: MoveParts): Promise<readonly StoreWrite[]> {
  const { uuid: instanceUuid } = instance;
  try {
    const writes: StoreWrite[] = [];
    for (const migration of await openMovesOf(instanceUuid, parts.records)) {
      const status = (await isCleared(migration, parts)) ? 'cancelled' : 'failed';
      const ended = migrationFromFields({ ...migration, status, updatedAtMs: parts.clock.now() });
      writes.push({ write: 'put-migration', migration: ended });
    }
    return writes;
  } catch (failure) {
    parts.log.error({ err: failure, instanceUuid }, 'the moves of a deleted instance could not be looked up');
    return [];
  }
}

async function isCleared(migration: Migration, parts: MoveParts): Promise<boolean> {
  const { sourceHost, destinationHost, instanceUuid, generationBefore = null, generationAfter } = migration;
  const others = new Set([sourceHost, destinationHost].filter((each) => each !== parts.host));
  let cleared = true;
  for (const host of others) {
    try {
      const generation = host === destinationHost ? (generationAfter ?? generationBefore) : generationBefore;
      await endAt(parts, host, instanceUuid).removeInstance({ instanceUuid, generation });
    } catch (failure) {
      cleared = false;
      const message = 'a host may still hold what a move has left of a deleted instance';
      parts.log.error({ err: failure, instanceUuid, peer: host }, message);
    }
  }
  return cleared;
}

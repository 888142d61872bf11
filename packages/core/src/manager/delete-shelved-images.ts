import type { Instance } from '../model/instance.js';
import type { PendingRelease } from '../model/pending-release.js';
import type { FamilyParts } from './operation-family.js';

/** The operation is done already: whoever waits for it does not wait long for a store of images that hangs. */
const TIMEOUT_MS = 60_000;

/**
 * Deletes what an instance was shelved in: it is not needed any more. Never rejects: the instance is where it should be. An image that could
 * not be deleted stays listed as a pending release.
 */
export async function deleteShelvedImages(
  { uuid: instanceUuid, pendingRelease = [] }: Instance,
  { providers, records, clock, log }: Pick<FamilyParts, 'providers' | 'records' | 'clock' | 'log'>,
): Promise<void> {
  if (!providers.has('images')) return;
  const abort = new AbortController();
  const cancelTimer = clock.after(TIMEOUT_MS, () => abort.abort());
  const { signal } = abort;
  try {
    const shelved = await providers.images.listImages({ instanceUuid, kind: 'shelved' }, { signal });
    const ids = new Set([...shelved.map(({ id }) => id), ...imageIdsIn(pendingRelease)]);
    for (const id of ids) await providers.images.deleteImage(id, { signal });
    // The next operation may have begun by now, and may have listed more.
    const { pendingRelease: listed = [] } = await records.store.getInstance(instanceUuid, { signal });
    const left = listed.filter((entry) => entry.kind !== 'image' || !ids.has(entry.imageId));
    if (left.length === listed.length) return;
    const [patch, guard] = [{ pendingRelease: left }, { taskState: [null] }];
    await records.commit([{ write: 'update-instance', uuid: instanceUuid, patch, guard }]);
  } catch (failure) {
    log.warn({ err: failure, instanceUuid }, 'an image that an instance was shelved in could not be deleted');
  } finally {
    cancelTimer();
  }
}

function imageIdsIn(entries: readonly PendingRelease[]): readonly string[] {
  return entries.flatMap((entry) => (entry.kind === 'image' ? [entry.imageId] : []));
}

import type { Instance, InstancePatch } from '../model/instance.js';
import { withPending } from '../model/pending-release.js';
import type { FamilyParts } from './operation-family.js';

/** The operation is done already: whoever waits for it does not wait long for a store of images that hangs. */
const TIMEOUT_MS = 60_000;

/**
 * Deletes what an instance was shelved in: it is not needed any more. Never rejects: the instance is where it should be, and what is left is
 * named in the log and deleted with the instance.
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
    for (const { id } of await providers.images.listImages({ instanceUuid, kind: 'shelved' }, { signal })) {
      await providers.images.deleteImage(id, { signal });
    }
    const left = pendingRelease.filter(({ kind }) => kind !== 'image');
    if (left.length === pendingRelease.length) return;
    const [patch, guard] = [{ pendingRelease: left }, { taskState: [null] }];
    await records.commit([{ write: 'update-instance', uuid: instanceUuid, patch, guard }]);
  } catch (failure) {
    log.warn({ err: failure, instanceUuid }, 'an image that an instance was shelved in could not be deleted');
  } finally {
    cancelTimer();
  }
}

/** The image that an instance was shelved in is on record until it is deleted, also when the instance itself is shelved no more. */
export function shelvedImagePending(
  { shelvedImageId: imageId, pendingRelease }: Instance,
  { clock }: Pick<FamilyParts, 'clock'>,
): InstancePatch {
  if (imageId === null) return {};
  return { pendingRelease: withPending(pendingRelease, [{ kind: 'image', imageId, sinceMs: clock.now() }]) };
}

import type { FamilyParts } from './operation-family.js';

/** The operation is done already: whoever waits for it does not wait long for a store of images that hangs. */
const TIMEOUT_MS = 60_000;

/**
 * Deletes what an instance was shelved in: it is not needed any more. Never rejects: the instance is where it should be, and what is left is
 * named in the log and deleted with the instance.
 */
export async function deleteShelvedImages(
  instanceUuid: string,
  { providers, clock, log }: Pick<FamilyParts, 'providers' | 'clock' | 'log'>,
): Promise<void> {
  if (!providers.has('images')) return;
  const abort = new AbortController();
  const cancelTimer = clock.after(TIMEOUT_MS, () => abort.abort());
  const { signal } = abort;
  try {
    for (const { id } of await providers.images.listImages({ instanceUuid, kind: 'shelved' }, { signal })) {
      await providers.images.deleteImage(id, { signal });
    }
  } catch (failure) {
    log.warn({ err: failure, instanceUuid }, 'an image that an instance was shelved in could not be deleted');
  } finally {
    cancelTimer();
  }
}

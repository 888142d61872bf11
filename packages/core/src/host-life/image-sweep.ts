import { isComputeError, type DriverLog } from '../driver/index.js';
import type { Providers } from '../guard/providers.js';
import { imageMakers } from '../model/image-to-make.js';
import { isFinished, type InstanceAction } from '../model/instance-action.js';
import type { Records } from '../records/records.js';
import { inParallel } from './in-parallel.js';

export interface ImageSweepOptions {
  readonly host: string;
  readonly providers: Providers;
  readonly records: Records;
  readonly log: DriverLog;
}

const AT_ONCE_MAX = 4;

/**
 * Deletes images that actions of this host have begun and that nobody wants: what was not finished and could not be undone, for want of the
 * image store, and what was finished by an action that was overtaken before it could say so. The record of the action decides, once it has
 * ended; an image without one is somebody else's. A finished backup stays: older ones may have made room for it.
 */
export async function sweepImages(options: ImageSweepOptions, signal: AbortSignal): Promise<void> {
  const { providers, log } = options;
  const { images } = providers;
  const finished = [
    ...(await images.listImages({ kind: 'snapshot' }, { signal })),
    ...(await images.listImages({ kind: 'shelved' }, { signal })),
  ];
  const ids = [...(await images.listUnfinishedImages({ signal })), ...finished.map(({ id }) => id)];
  await inParallel(ids, { countMax: AT_ONCE_MAX, signal }, async (imageId) => {
    const action = await actionOf(imageId, options.records, signal);
    if (!action || !(await isUnwanted(action, options, signal))) return;
    await images.deleteImage(imageId, { signal });
    log.warn({ imageId, instanceUuid: action.instanceUuid }, 'an image that an operation has left was deleted');
  });
}

async function isUnwanted(
  { uuid, operation, host, state, instanceUuid }: InstanceAction,
  { host: here, records }: ImageSweepOptions,
  signal: AbortSignal,
): Promise<boolean> {
  if (host !== here || !imageMakers.includes(operation) || !isFinished({ state }) || state === 'succeeded')
    return false;
  // Whatever the action says: what an instance is shelved in is all that there is of its disk.
  return (await records.store.getInstance(instanceUuid, { signal })).shelvedImageId !== uuid;
}

async function actionOf(uuid: string, records: Records, signal: AbortSignal): Promise<InstanceAction | undefined> {
  try {
    return await records.store.getAction(uuid, { signal });
  } catch (failure) {
    if (isComputeError(failure, 'ACTION_NOT_FOUND')) return undefined;
    throw failure;
  }
}

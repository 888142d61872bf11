import { providerOptions } from '../guard/provider-options.js';
import type { Providers } from '../guard/providers.js';
import { imageMakers } from '../model/image-to-make.js';
import type { ActionResult, InstanceAction } from '../model/instance-action.js';

/**
 * What came of the image that an action had begun when its process died. One that was finished in time is what was asked for: the result
 * that the action succeeds with is answered. Any other is deleted, as is what an instance was not shelved in: its guest is still there.
 */
export async function settleBegunImage(
  action: InstanceAction,
  providers: Providers,
): Promise<ActionResult | undefined> {
  const { uuid: imageId, operation } = action;
  if (!hasBegunImage(action, providers)) return undefined;
  if (operation !== 'shelve' && (await isFinishedImage(action, providers))) {
    // How far the rotation had come is not known; the next backup goes on with it.
    const rotated = { deletedImageIds: [], undeletedImageIds: [], listing: 'failed' };
    return operation === 'backup' ? { imageId, ...rotated } : { imageId };
  }
  // What is on record as a step is settled as such.
  if (!action.steps?.length) await providers.images.deleteImage(imageId, providerOptions());
  return undefined;
}

/** Deletes the image of an action that was overtaken: nobody was told of it. But older backups may have made room for one that was finished. */
export async function discardBegunImage(action: InstanceAction, providers: Providers): Promise<void> {
  if (!hasBegunImage(action, providers)) return;
  if (action.operation === 'backup' && (await isFinishedImage(action, providers))) return;
  await providers.images.deleteImage(action.uuid, providerOptions());
}

function hasBegunImage({ operation, state }: InstanceAction, providers: Providers): boolean {
  return imageMakers.includes(operation) && state !== 'queued' && providers.has('images');
}

async function isFinishedImage({ uuid, instanceUuid }: InstanceAction, { images }: Providers): Promise<boolean> {
  const finished = await images.listImages({ instanceUuid }, providerOptions());
  return finished.some(({ id }) => id === uuid);
}

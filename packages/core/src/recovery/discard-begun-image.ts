import type { Providers } from '../manager/providers.js';
import type { InstanceAction } from '../model/instance-action.js';
import type { OperationName } from '../model/operation-table.js';

const imageMakers: readonly OperationName[] = ['snapshot', 'backup', 'shelve'];

/**
 * Deletes the image that an action had begun when its process died: it goes by the action's uuid. A snapshot that was finished in time is
 * as good as any and stays, as do the backups that made room for it; nobody has use for what an instance was not shelved in.
 */
export async function discardBegunImage(action: InstanceAction, providers: Providers): Promise<void> {
  const { uuid, operation, instanceUuid } = action;
  if (!imageMakers.includes(operation) || action.state === 'queued' || !providers.has('images')) return;
  const { signal } = new AbortController();
  const finished = await providers.images.listImages({ instanceUuid }, { signal });
  if (operation !== 'shelve' && finished.some(({ id }) => id === uuid)) return;
  await providers.images.deleteImage(uuid, { signal });
}

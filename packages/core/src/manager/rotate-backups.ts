import { providerOptions } from '../guard/provider-options.js';
import type { ImageToMake } from '../model/image-to-make.js';
import type { ImageRecord } from '../providers/image-provider.js';
import type { FamilyParts } from './operation-family.js';

/** The property of a backup that says which row of backups it belongs to. Nova's name. */
export const BACKUP_TYPE = 'backup_type';

export interface BackupRow {
  readonly instanceUuid: string;
  readonly backupType: string;
  /** How many are kept, the new one included. */
  readonly rotation: number;
}

export interface Rotated {
  readonly deletedImageIds: readonly string[];
  /** Those that should be gone and are not; the next backup tries again. */
  readonly undeletedImageIds: readonly string[];
  /** `failed`: it is not known what else there is to delete. */
  readonly listing: 'complete' | 'failed';
}

/** Keeps the newest backups of a row. Never rejects: the new backup is good whatever becomes of the old ones. */
export async function rotateBackups(
  made: ImageToMake,
  { instanceUuid, backupType, rotation }: BackupRow,
  { providers, log }: Pick<FamilyParts, 'providers' | 'log'>,
): Promise<Rotated> {
  const { signal } = providerOptions();
  const query = { instanceUuid, kind: 'backup', properties: { [BACKUP_TYPE]: backupType } } as const;
  let backups: readonly ImageRecord[];
  try {
    backups = await providers.images.listImages(query, { signal });
  } catch (failure) {
    log.warn({ err: failure, instanceUuid, backupType }, 'old backups could not be listed and are kept');
    return { deletedImageIds: [], undeletedImageIds: [], listing: 'failed' };
  }
  const deletedImageIds: string[] = [];
  const undeletedImageIds: string[] = [];
  // Clocks go back at times: the new one counts as the newest.
  for (const { id: imageId } of backups.filter(({ id }) => id !== made.id).slice(rotation - 1)) {
    try {
      await providers.images.deleteImage(imageId, { signal });
      deletedImageIds.push(imageId);
    } catch (failure) {
      log.warn({ err: failure, instanceUuid, imageId }, 'an old backup could not be deleted');
      undeletedImageIds.push(imageId);
    }
  }
  return { deletedImageIds, undeletedImageIds, listing: 'complete' };
}

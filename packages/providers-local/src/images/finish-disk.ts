import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import type { ImageProblem } from '@virtkit/core/driver';
import { ComputeError, type NewImage } from '@virtkit/core/providers';
import { isMissing } from '../directory/is-missing.js';
import { openRegularFile } from '../directory/open-regular-file.js';
import { DamagedRecord, readRecord, RECORD_BYTES_MAX } from '../directory/read-record.js';
import { inspectDisk } from '../disk-format/inspect-disk.js';
import { unacceptableImage } from '../errors/unacceptable-image.js';
import { checksumOf } from './image-file.js';
import type { ImageLimits } from './image-import.js';
import { newImage } from './image-to-add.js';
import type { StoredImage } from './stored-image.js';

/** The request of an image that a driver writes. */
export const begunName = 'begun.json';

/**
 * Checks and measures the disk that a driver has written, and puts it on disk for good. Changes nothing of what it holds.
 * @throws ComputeError `IMAGE_NOT_FOUND`, `IMAGE_UNACCEPTABLE`
 */
export async function finishDisk(
  imageId: string,
  folder: string,
  { fileBytesMax, virtualSizeBytesMax }: ImageLimits,
  signal: AbortSignal | undefined,
): Promise<StoredImage> {
  const path = join(folder, 'disk');
  const refuse = (reason: ImageProblem, because: string) => unacceptableImage(imageId, { reason, because }, path);
  const request = await requestOf(imageId, join(folder, begunName));
  const { format, name, kind, instanceUuid, projectId, minDiskGib, minMemoryMib, properties } = request;
  const file = await openWritten(imageId, path);
  if (file === undefined) throw refuse('damaged', 'it is not a regular file');
  try {
    const { size: sizeBytes } = await file.stat();
    if (sizeBytes > fileBytesMax) throw refuse('too large', `it has ${sizeBytes} bytes, allowed: ${fileBytesMax}`);
    const found = await inspectDisk(file, format, virtualSizeBytesMax);
    if ('reason' in found) throw refuse(found.reason, found.because);
    await takeOver(file);
    await file.sync();
    const sha256 = await checksumOf(file, signal);
    return {
      version: 1,
      id: imageId,
      name,
      kind,
      visibility: 'private',
      projectId,
      instanceUuid,
      diskFormat: format,
      virtualSizeBytes: found.virtualSizeBytes,
      files: { disk: { sizeBytes, sha256 } },
      minDiskGib,
      minMemoryMib,
      properties,
      createdAtMs: 0,
    };
  } finally {
    await file.close();
  }
}

async function requestOf(imageId: string, path: string): Promise<NewImage> {
  try {
    return await readRecord(path, { schema: newImage, bytesMax: RECORD_BYTES_MAX });
  } catch (cause) {
    if (!(cause instanceof DamagedRecord)) throw cause;
    const operator = { message: `the request of the image cannot be read: ${cause.message}`, path };
    throw new ComputeError('IMAGE_UNACCEPTABLE', { imageId, reason: 'damaged' }, { cause, operator });
  }
}

async function openWritten(imageId: string, path: string): Promise<FileHandle | undefined> {
  try {
    return await openRegularFile(path);
  } catch (cause) {
    if (isMissing(cause)) throw new ComputeError('IMAGE_NOT_FOUND', { imageId }, { cause, operator: { path } });
    if ((cause as NodeJS.ErrnoException).code === 'ELOOP') return undefined;
    throw cause;
  }
}

/** The file may still be QEMU's user's: a guest that breaks out of its QEMU must not be able to change other guests' images. */
async function takeOver(file: FileHandle): Promise<void> {
  const { uid, mode } = await file.stat();
  const [ownUid, ownGid] = [process.getuid?.(), process.getgid?.()];
  if (ownUid !== undefined && ownGid !== undefined && uid !== ownUid) await file.chown(ownUid, ownGid);
  if ((mode & 0o777) !== 0o600) await file.chmod(0o600);
}

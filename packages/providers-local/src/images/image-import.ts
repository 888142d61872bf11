import { randomUUID } from 'node:crypto';
import { rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { suppress } from '@virtkit/core/driver';
import { ComputeError } from '@virtkit/core/providers';
import type { z } from 'zod';
import { writeDurably } from '../directory/durable-file.js';
import type { FolderShelf } from '../directory/folder-shelf.js';
import { isMissing, isThere } from '../directory/is-missing.js';
import { openRegularFile } from '../directory/open-regular-file.js';
import { inspectDisk } from '../disk-format/inspect-disk.js';
import { unacceptableImage } from '../errors/unacceptable-image.js';
import { copyIn, type CopiedFile } from './copy-in.js';
import { chunksOf, type ImageFile, imageFiles } from './image-file.js';
import type { ImageSource, imageToAdd } from './image-to-add.js';
import { recordName, type StoredImage, storedImageText } from './stored-image.js';

export interface ImageLimits {
  readonly fileBytesMax: number;
  readonly virtualSizeBytesMax: number;
}

/**
 * Copies an image onto the shelf: all of it, checked, or nothing. Until its folder is put in its place nobody sees any of it.
 * @throws ComputeError `INVALID_INPUT`, `IMAGE_UNACCEPTABLE`
 */
export async function importImage(
  shelf: FolderShelf,
  image: z.output<typeof imageToAdd>,
  { limits, nowMs, signal }: { limits: ImageLimits; nowMs: () => number; signal: AbortSignal | undefined },
): Promise<StoredImage> {
  const { id = randomUUID(), disk, kernel, ramdisk, projectId = null, diskFormat = 'raw', ...fields } = image;
  const folder = await shelf.begin(id);
  try {
    const files: Partial<Record<ImageFile, CopiedFile>> = {};
    for (const name of imageFiles) {
      const source = { disk, kernel, ramdisk }[name];
      if (source === undefined) continue;
      files[name] = await importFile(id, name, source, join(folder, name), { limits, signal });
    }
    const virtualSizeBytes =
      files.disk === undefined ? 0 : await virtualSizeOf(id, join(folder, 'disk'), diskFormat, limits);
    const stored: StoredImage = {
      version: 1,
      id,
      kind: 'base',
      projectId,
      instanceUuid: null,
      diskFormat,
      virtualSizeBytes,
      files,
      createdAtMs: nowMs(),
      ...fields,
    };
    await writeDurably(join(folder, recordName), storedImageText(stored));
    signal?.throwIfAborted();
    await shelf.publish(folder, id);
    return stored;
  } catch (failure) {
    await rm(folder, { recursive: true, force: true }).catch((second: unknown) => {
      suppress(failure, second, 'remove what was imported');
    });
    throw isThere(failure) ? takenId(id) : failure;
  }
}

/** The id has an image, or has one that is deleted and still in use. */
export function takenId(id: string): ComputeError {
  return new ComputeError('INVALID_INPUT', { field: 'id', value: id, accepted: 'an id that no image has' });
}

async function virtualSizeOf(
  imageId: string,
  path: string,
  format: StoredImage['diskFormat'],
  { virtualSizeBytesMax }: ImageLimits,
): Promise<number> {
  const file = await openRegularFile(path);
  try {
    const found = await inspectDisk(file as FileHandle, format, virtualSizeBytesMax);
    if ('reason' in found) throw unacceptableImage(imageId, found, path);
    return found.virtualSizeBytes;
  } finally {
    await file?.close();
  }
}

async function importFile(
  imageId: string,
  name: ImageFile,
  source: ImageSource,
  path: string,
  { limits, signal }: { readonly limits: ImageLimits; readonly signal: AbortSignal | undefined },
): Promise<CopiedFile> {
  const file = 'file' in source ? await openSource(name, source.file) : undefined;
  try {
    const stream =
      file === undefined ? (source as { stream: AsyncIterable<Uint8Array> }).stream : chunksOf(file, signal);
    const copied = await copyIn(stream, path, { bytesMax: limits.fileBytesMax, signal });
    const refuse = (reason: 'too large' | 'damaged' | 'checksum', because: string) =>
      unacceptableImage(imageId, { reason, because: `its ${name} ${because}` }, path);
    if (copied === 'too large') throw refuse(copied, `has more than ${limits.fileBytesMax} bytes`);
    if (copied.sizeBytes === 0) throw refuse('damaged', 'is empty');
    const { sha256 = copied.sha256 } = source;
    if (copied.sha256 !== sha256) throw refuse('checksum', `has the SHA-256 ${copied.sha256}, expected: ${sha256}`);
    return copied;
  } finally {
    await file?.close();
  }
}

async function openSource(name: ImageFile, path: string): Promise<FileHandle> {
  const unusable = (cause?: unknown) =>
    new ComputeError('INVALID_INPUT', { field: `${name}.file`, value: path, accepted: 'a regular file' }, { cause });
  try {
    return (await openRegularFile(path)) ?? throwing(unusable());
  } catch (failure) {
    throw isMissing(failure) || (failure as NodeJS.ErrnoException).code === 'ELOOP' ? unusable(failure) : failure;
  }
}

function throwing(failure: Error): never {
  throw failure;
}

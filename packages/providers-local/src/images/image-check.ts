import { lstat, realpath } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import { join } from 'node:path';
import type { ImageProblem } from '@virtkit/core/driver';
import { ComputeError } from '@virtkit/core/providers';
import { isMissing } from '../directory/is-missing.js';
import { inspectDisk } from '../disk-format/inspect-disk.js';
import { unacceptableImage } from '../errors/unacceptable-image.js';
import type { CopiedFile } from './copy-in.js';
import { checksumOf, type ImageFile, imageFiles, openRegularFile } from './image-file.js';
import type { StoredImage } from './stored-image.js';

/**
 * Looks whether the files of images are still what their records say. Reading all of a large image takes seconds, so that it is done again
 * only when the file has another identity: changing a file's content changes its ctime, which nobody can set.
 */
export class ImageCheck {
  readonly #virtualSizeBytesMax: number;
  readonly #seen = new Map<string, string>();

  constructor(virtualSizeBytesMax: number) {
    this.#virtualSizeBytesMax = virtualSizeBytesMax;
  }

  /** @throws ComputeError `IMAGE_NOT_FOUND`, `IMAGE_UNACCEPTABLE` */
  async require(stored: StoredImage, folder: string, signal: AbortSignal | undefined): Promise<void> {
    for (const name of imageFiles) {
      const recorded = stored.files[name];
      if (recorded !== undefined) await this.#requireFile(stored, { name, ...recorded }, join(folder, name), signal);
    }
  }

  /** The image is gone: nothing needs to be remembered of it. */
  forget(folder: string): void {
    for (const name of imageFiles) this.#seen.delete(join(folder, name));
  }

  async #requireFile(
    stored: StoredImage,
    recorded: CopiedFile & { readonly name: ImageFile },
    path: string,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const refuse = (reason: ImageProblem, because: string): never => {
      throw unacceptableImage(stored.id, { reason, because }, path);
    };
    try {
      // A link, in the place of the file or of its folder, would lead out of the directory.
      if ((await realpath(path)) !== path) refuse('outside the image directories', 'a link leads to it or from it');
      const before = identityOf(await lstat(path, { bigint: true }));
      if (this.#seen.get(path) === before) return;
      const file = (await openRegularFile(path)) ?? refuse('damaged', 'it is not a regular file');
      try {
        const { size } = await file.stat();
        if (size !== recorded.sizeBytes) refuse('damaged', `it has ${size} bytes, recorded: ${recorded.sizeBytes}`);
        if (recorded.name === 'disk') {
          const found = await inspectDisk(file, stored.diskFormat, this.#virtualSizeBytesMax);
          if ('reason' in found) refuse(found.reason, found.because);
        }
        const sha256 = await checksumOf(file, signal);
        if (sha256 !== recorded.sha256) refuse('checksum', `its SHA-256 is ${sha256}, recorded: ${recorded.sha256}`);
        if (identityOf(await file.stat({ bigint: true })) !== before) refuse('damaged', 'it changed while it was read');
      } finally {
        await file.close();
      }
      this.#seen.set(path, before);
    } catch (cause) {
      if (!isMissing(cause)) throw cause;
      throw new ComputeError('IMAGE_NOT_FOUND', { imageId: stored.id }, { cause, operator: { path } });
    }
  }
}

function identityOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

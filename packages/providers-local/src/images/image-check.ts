import { lstat, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { DriverLog, ImageProblem } from '@virtkit/core/driver';
import { ComputeError } from '@virtkit/core/providers';
import { isMissing } from '../directory/is-missing.js';
import { openRegularFile } from '../directory/open-regular-file.js';
import { inspectDisk } from '../disk-format/inspect-disk.js';
import { unacceptableImage } from '../errors/unacceptable-image.js';
import { checksumOf, type ImageFile, imageFiles } from './image-file.js';
import type { ImageLimits } from './image-import.js';
import {
  isSameFile,
  type MeasuredFile,
  measuredFileOf,
  type MeasuredFiles,
  readMeasuredFiles,
  writeMeasuredFiles,
} from './measured-files.js';
import type { StoredImage } from './stored-image.js';

interface FileToCheck {
  readonly stored: StoredImage;
  readonly name: ImageFile;
  readonly path: string;
  readonly measured: MeasuredFile;
}

/**
 * Looks whether the files of images are still what their records say. Reading all of a large image takes seconds, so that it is done again
 * only when the file has another identity. What was measured is on record beside the image, and stays known after a restart.
 */
export class ImageCheck {
  readonly #limits: ImageLimits;
  readonly #log: DriverLog | undefined;
  /** What this process has checked, by path: nothing of it is opened again. */
  readonly #seen = new Map<string, { readonly measured: MeasuredFile; readonly diskFormat: string }>();

  constructor(limits: ImageLimits, log: DriverLog | undefined) {
    this.#limits = limits;
    this.#log = log;
  }

  /** @throws ComputeError `IMAGE_NOT_FOUND`, `IMAGE_UNACCEPTABLE` */
  async require(stored: StoredImage, folder: string, signal: AbortSignal | undefined): Promise<void> {
    const files: MeasuredFiles = {};
    let onRecord: MeasuredFiles | undefined;
    let isNew = false;
    for (const name of imageFiles) {
      const facts = stored.files[name];
      if (facts === undefined) continue;
      const path = join(folder, name);
      const measured = await this.#identify(stored, path, facts.sha256);
      files[name] = measured;
      const seen = this.#seen.get(path);
      if (seen?.diskFormat === stored.diskFormat && isSameFile(seen.measured, measured)) continue;
      onRecord ??= await readMeasuredFiles(folder);
      const isOnRecord = isSameFile(onRecord[name], measured);
      await this.#inspect({ stored, name, path, measured }, isOnRecord ? 'known' : 'to be read', signal);
      isNew ||= !isOnRecord;
      this.#seen.set(path, { measured, diskFormat: stored.diskFormat });
    }
    if (isNew) await this.#record(stored.id, folder, files);
  }

  /** The image is gone: nothing needs to be remembered of it. */
  forget(folder: string): void {
    for (const name of imageFiles) this.#seen.delete(join(folder, name));
  }

  /** What a record must say of the file as it is now, so that it need not be read. */
  async #identify(stored: StoredImage, path: string, sha256: string): Promise<MeasuredFile> {
    try {
      // A link, in the place of the file or of its folder, would lead out of the directory.
      if ((await realpath(path)) !== path) {
        const problem = { reason: 'outside the image directories', because: 'a link leads to it or from it' } as const;
        throw unacceptableImage(stored.id, problem, path);
      }
      return measuredFileOf(await lstat(path, { bigint: true }), sha256);
    } catch (cause) {
      throw missingImage(stored, path, cause);
    }
  }

  /** Sizes and the head of a disk are looked at in each process: other limits may hold than when the file was added and measured. */
  async #inspect(
    { stored, name, path, measured }: FileToCheck,
    checksum: 'known' | 'to be read',
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const refuse = (reason: ImageProblem, because: string): never => {
      throw unacceptableImage(stored.id, { reason, because }, path);
    };
    try {
      await using file = (await openRegularFile(path)) ?? refuse('damaged', 'it is not a regular file');
      const { fileBytesMax, virtualSizeBytesMax } = this.#limits;
      const { size } = await file.stat();
      const sizeBytes = stored.files[name]?.sizeBytes;
      if (size !== sizeBytes) refuse('damaged', `it has ${size} bytes, recorded: ${sizeBytes}`);
      if (size > fileBytesMax) refuse('too large', `it has ${size} bytes, allowed: ${fileBytesMax}`);
      if (name === 'disk') {
        const found = await inspectDisk(file, stored.diskFormat, virtualSizeBytesMax);
        if ('reason' in found) refuse(found.reason, found.because);
      }
      if (checksum === 'to be read') {
        const sha256 = await checksumOf(file, signal);
        if (sha256 !== measured.sha256) refuse('checksum', `its SHA-256 is ${sha256}, recorded: ${measured.sha256}`);
      }
      const now = measuredFileOf(await file.stat({ bigint: true }), measured.sha256);
      if (!isSameFile(now, measured)) refuse('damaged', 'it changed while it was read');
    } catch (cause) {
      throw missingImage(stored, path, cause);
    }
  }

  /** The image is fine also when this cannot be written: then it is measured again after a restart. */
  async #record(imageId: string, folder: string, files: MeasuredFiles): Promise<void> {
    try {
      await writeMeasuredFiles(folder, files);
    } catch (err) {
      this.#log?.warn({ err, imageId }, 'measured image not recorded: it is read again after a restart');
    }
  }
}

function missingImage({ id }: StoredImage, path: string, cause: unknown): unknown {
  return isMissing(cause) ? new ComputeError('IMAGE_NOT_FOUND', { imageId: id }, { cause, operator: { path } }) : cause;
}

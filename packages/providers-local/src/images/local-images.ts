import { access, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, type DriverLog, forOperator, systemClock } from '@virtkit/core/driver';
import {
  checkedValue,
  type CallOptions,
  ComputeError,
  type Image,
  type ImageProvider,
  type ImageQuery,
  type ImageRecord,
  type ImageViewer,
  type NewImage,
  type SnapshotTarget,
} from '@virtkit/core/providers';
import type { z } from 'zod';
import { syncDirectory, writeDurably } from '../directory/durable-file.js';
import { isFolderId } from '../directory/folder-id.js';
import { FolderShelf } from '../directory/folder-shelf.js';
import { isMissing } from '../directory/is-missing.js';
import { Lanes } from '../directory/lanes.js';
import { LeaderEpochs } from '../directory/leader-epochs.js';
import { providerCall } from '../errors/provider-call.js';
import { begunName, finishDisk } from './finish-disk.js';
import { ImageCheck } from './image-check.js';
import { importImage, takenId, type ImageLimits } from './image-import.js';
import { imageToAdd, type ImageToAdd, newImage } from './image-to-add.js';
import { isSeenBy, matches, newestFirst } from './image-query.js';
import { type ImageUse, localImagesOptions, type LocalImagesOptions } from './local-images-options.js';
import {
  deletedRecordName,
  imageOf,
  imageRecordOf,
  readStoredImage,
  recordName,
  type StoredImage,
  storedImageText,
} from './stored-image.js';

const BYTES_PER_GIB = 1024 ** 3;

/** The tag of a folder that a driver writes to. */
const begunTag = 'begun';

/**
 * Images in a directory of this host: a folder for each, with its files and its record. Several processes may have it open at once.
 */
export class LocalImages implements ImageProvider {
  readonly #shelf: FolderShelf;
  readonly #leaders: LeaderEpochs;
  readonly #isInUse: ImageUse;
  readonly #limits: ImageLimits;
  readonly #check: ImageCheck;
  readonly #clock: Clock;
  readonly #log: DriverLog | undefined;
  readonly #lanes = new Lanes();

  private constructor(shelf: FolderShelf, leaders: LeaderEpochs, options: z.output<typeof localImagesOptions>) {
    this.#shelf = shelf;
    this.#leaders = leaders;
    this.#isInUse = options.isInUse;
    this.#limits = {
      fileBytesMax: options.fileSizeGibMax * BYTES_PER_GIB,
      virtualSizeBytesMax: options.virtualSizeGibMax * BYTES_PER_GIB,
    };
    this.#check = new ImageCheck(this.#limits, options.log);
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log;
  }

  /**
   * Makes the directory unless it is there, and removes what imports, snapshots and deletions of processes that run no more have left.
   * @throws ComputeError `INVALID_CONFIGURATION`, `STORE_UNAVAILABLE`
   */
  static async open(options: LocalImagesOptions, call: CallOptions = {}): Promise<LocalImages> {
    const checked = await checkedValue(localImagesOptions, options, 'INVALID_CONFIGURATION');
    return await providerCall('open the images', call, async () => {
      const shelf = await FolderShelf.open(checked.directory, 'images');
      const leaders = await LeaderEpochs.open(checked.directory, 'images');
      const images = new LocalImages(shelf, leaders, checked);
      await images.removeUnused(call);
      return images;
    });
  }

  /**
   * Copies an image into the directory and answers its record. It is there for all, durably, or, after a failure or an abort, not at all.
   * Not idempotent: without an id every call adds one more.
   * @throws ComputeError `INVALID_INPUT`, also for an id that an image has; `IMAGE_UNACCEPTABLE`; `INSUFFICIENT_RESOURCES` of `disk`
   */
  async addImage(image: ImageToAdd, options: CallOptions = {}): Promise<ImageRecord> {
    const checked = await checkedValue(imageToAdd, image, 'INVALID_INPUT');
    const added = providerCall('add an image', options, async () => {
      if (checked.id !== undefined) await this.#refuseTaken(checked.id);
      const context = { limits: this.#limits, nowMs: () => this.#clock.now(), signal: options.signal };
      return imageRecordOf(await importImage(this.#shelf, checked, context));
    });
    // Who adds an image is an operator.
    return await added.catch((failure: unknown) => {
      throw forOperator(failure);
    });
  }

  async getImage(imageId: string, { projectId }: ImageViewer, options: CallOptions = {}): Promise<Image> {
    return await providerCall('get an image', options, async () => {
      const stored = await this.#find(imageId);
      if (stored === undefined || !isSeenBy(stored, projectId)) throw notFound(imageId);
      const folder = this.#shelf.pathOf(imageId);
      await this.#lanes.enter(imageId, options.signal, () => this.#check.require(stored, folder, options.signal));
      return imageOf(stored, folder);
    });
  }

  async listImages(query: ImageQuery, options: CallOptions = {}): Promise<readonly ImageRecord[]> {
    return await providerCall('list images', options, async () => {
      const found: StoredImage[] = [];
      for (const id of await this.#shelf.ids()) {
        options.signal?.throwIfAborted();
        const stored = await this.#findToList(id);
        if (stored !== undefined && matches(stored, query)) found.push(stored);
      }
      return Object.freeze(found.sort(newestFirst).slice(0, query.countMax).map(imageRecordOf));
    });
  }

  async listUnfinishedImages(options: CallOptions = {}): Promise<readonly string[]> {
    return await providerCall('list unfinished images', options, () => this.#shelf.idsBegun(begunTag));
  }

  async leaderChanged({ leader }: CallOptions = {}): Promise<void> {
    await providerCall('note a new manager', {}, () => this.#leaders.admit(leader));
  }

  async beginImage(request: NewImage, options: CallOptions = {}): Promise<SnapshotTarget> {
    const checked = await checkedValue(newImage, request, 'INVALID_INPUT');
    const { imageId, format } = checked;
    return await this.#inLane('begin an image', imageId, options, async () => {
      await this.#refuseTaken(imageId);
      const folder = await this.#shelf.begin(imageId, begunTag);
      await writeDurably(join(folder, begunName), JSON.stringify(checked));
      return { imageId, path: join(folder, 'disk'), format };
    });
  }

  async finishImage(imageId: string, options: CallOptions = {}): Promise<ImageRecord> {
    return await this.#inLane('finish an image', imageId, options, async () => {
      const finished = await this.#find(imageId);
      if (finished !== undefined) return imageRecordOf(finished);
      const folder = isFolderId(imageId) ? await this.#shelf.begun(imageId, begunTag) : undefined;
      if (folder === undefined) throw notFound(imageId);
      const stored = await finishDisk(imageId, folder, this.#limits, options.signal);
      const dated: StoredImage = { ...stored, createdAtMs: this.#clock.now() };
      await writeDurably(join(folder, recordName), storedImageText(dated));
      await rm(join(folder, begunName), { force: true });
      options.signal?.throwIfAborted();
      await this.#shelf.publish(folder, imageId);
      return imageRecordOf(dated);
    });
  }

  async deleteImage(imageId: string, options: CallOptions = {}): Promise<void> {
    if (!isFolderId(imageId)) return;
    await this.#inLane('delete an image', imageId, options, async () => {
      await this.#shelf.discard(imageId, begunTag);
      const folder = this.#shelf.pathOf(imageId);
      this.#check.forget(folder);
      try {
        await rename(join(folder, recordName), join(folder, deletedRecordName));
        await syncDirectory(folder);
      } catch (failure) {
        if (!isMissing(failure)) throw failure;
      }
      await this.#removeUnlessInUse(imageId, options);
    });
  }

  /** Removes the files of deleted images that nothing reads any more. Idempotent; done at opening too. */
  async removeUnused(options: CallOptions = {}): Promise<void> {
    await providerCall('remove unused images', options, async () => {
      for (const id of await this.#shelf.ids()) {
        await this.#lanes.enter(id, options.signal, () => this.#removeUnlessInUse(id, options));
      }
    });
  }

  /** Doubt keeps the files: what is kept in vain is removed another time. */
  async #removeUnlessInUse(imageId: string, options: CallOptions): Promise<void> {
    const path = this.#shelf.pathOf(imageId);
    if (!(await isThere(join(path, deletedRecordName)))) return;
    try {
      if (await this.#isInUse({ imageId, path }, options)) return;
    } catch (err) {
      this.#log?.warn(
        { err, imageId, path },
        'the files of a deleted image are kept: nobody could say whether they are in use',
      );
      return;
    }
    await this.#shelf.remove(imageId);
  }

  async #find(imageId: string): Promise<StoredImage | undefined> {
    return isFolderId(imageId) ? await readStoredImage(this.#shelf.pathOf(imageId), imageId) : undefined;
  }

  /** One bad record must not hide the others. */
  async #findToList(id: string): Promise<StoredImage | undefined> {
    try {
      return await this.#find(id);
    } catch (err) {
      this.#log?.warn({ err, imageId: id }, 'an image is left out of the list');
      return undefined;
    }
  }

  async #refuseTaken(id: string): Promise<void> {
    if (await isThere(this.#shelf.pathOf(id))) throw takenId(id);
  }

  #inLane<Result>(
    operation: string,
    imageId: string,
    options: CallOptions,
    work: () => Promise<Result>,
  ): Promise<Result> {
    return providerCall(operation, options, () =>
      this.#lanes.enter(imageId, options.signal, async () => {
        await this.#leaders.admit(options.leader);
        return await work();
      }),
    );
  }
}

function notFound(imageId: string): ComputeError {
  return new ComputeError('IMAGE_NOT_FOUND', { imageId });
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (failure) {
    if (isMissing(failure)) return false;
    throw failure;
  }
}

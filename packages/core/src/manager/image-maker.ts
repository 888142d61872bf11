import { decoratorServices, deleteImageOnError, type Offers } from '@virtkit/decorators';
import { supports } from '../driver/index.js';
import type { ImageToMake } from '../model/image-to-make.js';
import type { GuestRef } from '../guard/guest-ref.js';
import type { Instance } from '../model/instance.js';
import type { QuiesceWish } from '../model/operation-parameters.js';
import type { ImageRecord, NewImage, NewImageKind } from '../providers/image-provider.js';
import type { ManagerServices } from '../recorders/manager-services.js';
import type { InstanceTask } from '../runner/instance-task.js';
import type { FamilyParts } from './operation-family.js';
import { SnapshotPhases, type PhaseTaskStates } from './snapshot-phases.js';

export interface Making {
  readonly kind: NewImageKind;
  readonly quiesce: QuiesceWish;
  readonly taskStates: PhaseTaskStates;
}

/** The longest that a guest is held still, in milliseconds: longer than a driver needs to catch the moment of its disk. */
const FREEZE_MS_MAX = 60_000;

/** Makes images of instances' root disks, or leaves nothing of them. */
export class ImageMaker implements Offers<ManagerServices> {
  readonly [decoratorServices]: ManagerServices;
  readonly #parts: FamilyParts;

  constructor(parts: FamilyParts) {
    this[decoratorServices] = parts.services;
    this.#parts = parts;
  }

  /** Resolves with the finished image. On failure there is none, finished or not. */
  @deleteImageOnError
  async make(
    instance: Instance,
    image: ImageToMake,
    task: InstanceTask,
    making: Making,
    signal: AbortSignal,
  ): Promise<ImageRecord> {
    const { driver, providers } = this.#parts;
    const phases = new SnapshotPhases(task, making.taskStates);
    try {
      await phases.begin({ step: 'make-image', imageId: image.id, kind: making.kind });
      const target = await providers.images.beginImage(newImage(instance, image, making.kind), { signal });
      await this.#heldStill(task, making.quiesce, signal, async () => {
        const options = { signal, onProgress: phases.follow };
        await driver.with('snapshot').snapshot({ instance: task.instance, target }, options);
      });
      await phases.reach('image_uploading');
      return await providers.images.finishImage(image.id, { signal });
    } finally {
      await phases.close();
    }
  }

  /** Whatever becomes of the work, the guest's file systems go on afterwards. */
  async #heldStill(
    task: InstanceTask,
    wish: QuiesceWish,
    signal: AbortSignal,
    work: () => Promise<void>,
  ): Promise<void> {
    const isPossible = wish === 'require' || (wish === 'try' && supports(this.#parts.driver, 'quiesce'));
    if (!isPossible || task.instance.powerState !== 'RUNNING') return await work();
    const { instance } = task;
    try {
      await this.#freeze(instance, wish, signal);
      await work();
    } finally {
      await this.#thaw(instance);
    }
  }

  async #freeze(guest: GuestRef, wish: QuiesceWish, signal: AbortSignal): Promise<void> {
    const { driver, log } = this.#parts;
    try {
      await driver.with('quiesce').quiesce({ instance: guest, freezeMsMax: FREEZE_MS_MAX }, { signal });
    } catch (failure) {
      if (wish === 'require' || signal.aborted) throw failure;
      log.warn(
        { err: failure, instanceUuid: guest.uuid },
        'a snapshot is made of a guest that could not be held still',
      );
    }
  }

  /** Never rejects: the image is as good as it was, and the driver lets the guest go on by itself when its time is over. */
  async #thaw(guest: GuestRef): Promise<void> {
    const { driver, log } = this.#parts;
    try {
      await driver.with('quiesce').unquiesce({ instance: guest });
    } catch (failure) {
      log.error(
        { err: failure, instanceUuid: guest.uuid },
        'a guest that was held still for a snapshot could not be let go on',
      );
    }
  }
}

function newImage(instance: Instance, { id, name, properties }: ImageToMake, kind: NewImageKind): NewImage {
  const { uuid, projectId, flavor, image } = instance;
  return {
    imageId: id,
    name,
    kind,
    instanceUuid: uuid,
    projectId,
    format: 'qcow2',
    // The new disk is as large as the guest's is now.
    minDiskGib: Math.max(flavor.rootDiskGib, image.minDiskGib),
    minMemoryMib: image.minMemoryMib,
    properties: { ...image.properties, ...properties },
  };
}

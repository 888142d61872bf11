import { revertsTaskState, wrapException, wrapInstanceEvent, wrapInstanceFault } from '@virtkit/decorators';
import type { CallOptions } from '../driver/index.js';
import type { ImageToMake } from '../model/image-to-make.js';
import type { Instance } from '../model/instance.js';
import type { QuiesceWish } from '../model/operation-parameters.js';
import type { RequestContext } from '../model/request-context.js';
import { deleteShelvedImages } from './delete-shelved-images.js';
import type { PowerOffOptions } from './guest-options.js';
import { guestToStart } from './guest-to-start.js';
import { ImageMaker } from './image-maker.js';
import { OffloadedGuest } from './offloaded-guest.js';
import { OperationFamily, type FamilyParts } from './operation-family.js';
import { BACKUP_TYPE, rotateBackups } from './rotate-backups.js';
import type { PhaseTaskStates } from './snapshot-phases.js';

export interface SnapshotInstanceOptions extends CallOptions {
  /** Default `never`. */
  readonly quiesce?: QuiesceWish;
}

export interface BackupInstanceOptions extends SnapshotInstanceOptions {
  /** Which row of backups it belongs to, such as `daily`. */
  readonly backupType: string;
  /** How many backups of the row are kept, the new one included; 1 or more. */
  readonly rotation: number;
}

const snapshotStates: PhaseTaskStates = {
  image_snapshot: 'image_snapshot',
  image_pending_upload: 'image_pending_upload',
  image_uploading: 'image_uploading',
};

const shelveStates: PhaseTaskStates = {
  image_snapshot: 'shelving',
  image_pending_upload: 'shelving_image_pending_upload',
  image_uploading: 'shelving_image_uploading',
};

/**
 * What makes images of guests, and what shelved instances are kept in. An image's id is its caller's to choose; of an action it is the
 * action's uuid, so that recovery finds what was begun.
 */
export class ImageOperations extends OperationFamily {
  readonly #maker: ImageMaker;
  readonly #offloaded: OffloadedGuest;

  constructor(parts: FamilyParts) {
    super(parts);
    this.#maker = new ImageMaker(parts);
    this.#offloaded = new OffloadedGuest(parts);
  }

  /** Makes an image of the root disk, as of one moment. The guest goes on. Its result names the image; on failure there is none. */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async snapshotInstance(
    context: RequestContext,
    instance: Instance,
    image: ImageToMake,
    options: SnapshotInstanceOptions = {},
  ): Promise<Instance> {
    const making = { kind: 'snapshot', quiesce: options.quiesce ?? 'never', taskStates: snapshotStates } as const;
    return await this.run('snapshot', context, instance, options, async (task, signal) => {
      await this.#maker.make(task.instance, image, task, making, signal);
      task.setResult({ imageId: image.id });
    });
  }

  /**
   * Makes an image as {@link snapshotInstance} does and deletes the oldest of its row. What cannot be deleted fails nothing: the result tells
   * of it.
   */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async backupInstance(
    context: RequestContext,
    instance: Instance,
    image: ImageToMake,
    options: BackupInstanceOptions,
  ): Promise<Instance> {
    const { backupType, rotation, quiesce = 'never' } = options;
    const making = { kind: 'backup', quiesce, taskStates: snapshotStates } as const;
    const backup = { ...image, properties: { ...image.properties, [BACKUP_TYPE]: backupType } };
    return await this.run('backup', context, instance, options, async (task, signal) => {
      await this.#maker.make(task.instance, backup, task, making, signal);
      const row = { instanceUuid: instance.uuid, backupType, rotation };
      task.setResult({ imageId: image.id, ...(await rotateBackups(backup, row, this.parts)) });
    });
  }

  /** Stops the guest and puts its root disk into an image. Ends `shelved`; a failure leaves it off. */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async shelveInstance(
    context: RequestContext,
    instance: Instance,
    image: ImageToMake,
    options: PowerOffOptions = {},
  ): Promise<Instance> {
    const { signal: _, ...stopping } = options;
    const making = { kind: 'shelved', quiesce: 'never', taskStates: shelveStates } as const;
    return await this.run('shelve', context, instance, options, async (task, signal) => {
      // A paused guest hears nothing.
      const asked = task.instance.vmState === 'paused' ? {} : stopping;
      await this.parts.driver.with('power').powerOff({ instance: task.instance, ...asked }, { signal });
      task.noteChange();
      await this.#maker.make(task.instance, image, task, making, signal);
      return { patch: { shelvedImageId: image.id } };
    });
  }

  /**
   * Frees the host of a shelved instance: only its image is left, and its networks and volumes stay its own. Ends `shelved_offloaded`, on
   * no host. @throws ComputeError `IMAGE_NOT_FOUND`, `IMAGE_UNACCEPTABLE`: nothing is freed while the image is not good
   */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async shelveOffloadInstance(
    context: RequestContext,
    instance: Instance,
    options: CallOptions = {},
  ): Promise<Instance> {
    return await this.run('shelveOffload', context, instance, options, async (task, signal) => {
      await this.#offloaded.leave(task, signal);
    });
  }

  /**
   * Brings a shelved instance back: from its own disk, or, where it was offloaded, from its image on this host. Ends `active`, and its image
   * is deleted. A failure leaves it as it was.
   */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async unshelveInstance(context: RequestContext, instance: Instance, options: CallOptions = {}): Promise<Instance> {
    const unshelved = await this.run('unshelve', context, instance, options, async (task, signal) => {
      const { guest, powerState } = await this.parts.driver.inspect({ instance: task.instance }, { signal });
      // Done by a process that died before it could say so.
      if (powerState === 'RUNNING') return;
      const hasOwnDisk = guest === 'present' && task.instance.vmState === 'shelved';
      if (!hasOwnDisk) await this.#offloaded.comeBack(task, signal);
      else
        await this.parts.driver
          .with('power')
          .powerOn({ instance: await guestToStart(task, this.parts, signal) }, { signal });
    });
    await deleteShelvedImages(unshelved, this.parts);
    return unshelved;
  }
}

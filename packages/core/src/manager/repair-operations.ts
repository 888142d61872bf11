import { revertsTaskState, wrapException, wrapInstanceEvent, wrapInstanceFault } from '@virtkit/decorators';
import {
  ComputeError,
  isComputeError,
  requireHonoured,
  supports,
  type CallOptions,
  type Image,
  type InstanceSpec,
  type Secret,
} from '../driver/index.js';
import { askedOfDriver } from '../guard/driver-failures.js';
import type { Instance } from '../model/instance.js';
import { newGeneration } from '../model/new-generation.js';
import { operations } from '../model/operation-table.js';
import type { RequestContext } from '../model/request-context.js';
import type { InstanceTask } from '../runner/instance-task.js';
import type { PowerOffOptions } from './guest-options.js';
import { guestToStart } from './guest-to-start.js';
import { OperationFamily } from './operation-family.js';

/** How a guest is rescued, and how long it may take to stop by itself before that. */
export interface RescueInstanceOptions extends PowerOffOptions {
  /** What it boots from. Default: the instance's own image. */
  readonly imageId?: string;
  /** For the administrator of the rescue system. `'forgotten'`: one was asked for, in a process that has died. */
  readonly password?: Secret | 'forgotten';
}

/** What brings a guest back from another image, or with a fresh disk. */
export class RepairOperations extends OperationFamily {
  /** Stops the guest and boots it from another image, its own disks behind it. Ends `rescued`; a failure leaves it off. */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async rescueInstance(
    context: RequestContext,
    instance: Instance,
    options: RescueInstanceOptions = {},
  ): Promise<Instance> {
    const { imageId, password, signal: _, ...stopping } = options;
    return await this.run('rescue', context, instance, options, async (task, signal) => {
      if (password === 'forgotten') throw new ComputeError('INTERRUPTED', { operation: operations.rescue.verb });
      const image = imageId === undefined ? task.instance.image : await this.#image(imageId, task, signal);
      const driver = this.parts.driver.with('rescue');
      const guest = await guestToStart(task, this.parts, signal);
      await this.parts.driver.with('power').powerOff({ instance: task.instance, ...stopping }, { signal });
      task.noteChange();
      await driver.rescue({ instance: guest, image, ...(password && { password }) }, { signal });
    });
  }

  /** Boots a rescued guest from its own disk again. Ends `active`. */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async unrescueInstance(context: RequestContext, instance: Instance, options: CallOptions = {}): Promise<Instance> {
    return await this.run('unrescue', context, instance, options, async (task, signal) => {
      await this.parts.driver
        .with('rescue')
        .unrescue({ instance: await guestToStart(task, this.parts, signal) }, { signal });
    });
  }

  /**
   * Gives the guest a fresh root disk of an image. Its volumes and interfaces stay. Ends `active`, or `stopped` where it was. An instance
   * without a guest, lost or never built, gets a new one. A failure leaves it off; its old disk may be gone, and the record says of which image
   * the disk is.
   * @throws ComputeError `IMAGE_NOT_FOUND`, `IMAGE_UNACCEPTABLE`, `FLAVOR_TOO_SMALL`
   */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async rebuildInstance(
    context: RequestContext,
    instance: Instance,
    imageId: string,
    options: CallOptions = {},
  ): Promise<Instance> {
    return await this.run('rebuild', context, instance, options, async (task, signal) => {
      const image = await this.#image(imageId, task, signal);
      const { blockDevices } = await guestToStart(task, this.parts, signal);
      if (!supports(this.parts.driver, 'rebuild')) return await this.#respawn(task, image, blockDevices, signal);
      await task.advance('rebuild_spawning');
      task.mayReplaceDisk(image);
      try {
        await this.#rebuildInPlace(task, { ...task.spec, blockDevices, image }, signal);
      } catch (failure) {
        // There is no guest whose disk could be replaced: lost, or never made.
        if (!isComputeError(failure, 'INSTANCE_NOT_FOUND') || askedOfDriver(failure) === undefined) throw failure;
        return await this.#respawn(task, image, blockDevices, signal);
      }
      return { patch: { image } };
    });
  }

  async #rebuildInPlace(task: InstanceTask, guest: InstanceSpec, signal: AbortSignal): Promise<void> {
    const { driver } = this.parts;
    await driver.with('rebuild').rebuild({ instance: guest }, { signal });
    if (task.instance.vmState !== 'stopped') return;
    task.noteChange();
    await driver.with('power').powerOff({ instance: task.instance }, { signal });
  }

  /** The old guest, or what is left of it, is gone before the record speaks of the new one. */
  async #respawn(
    task: InstanceTask,
    image: Image,
    blockDevices: InstanceSpec['blockDevices'],
    signal: AbortSignal,
  ): Promise<void> {
    const { driver } = this.parts;
    await driver.destroy({ instance: task.instance }, { signal });
    task.noteChange();
    await task.advance('rebuild_spawning', { image, generation: newGeneration(task.context) });
    const start = task.instance.vmState === 'stopped' ? 'leave-off' : 'power-on';
    await driver.spawn({ instance: { ...task.spec, blockDevices }, start }, { signal });
  }

  async #image(imageId: string, { instance }: InstanceTask, signal: AbortSignal): Promise<Image> {
    const { projectId } = instance;
    const image = await this.parts.providers.images.getImage(imageId, { projectId }, { signal });
    requireHonoured(this.parts.driver.honoured, { image });
    return image;
  }
}

import { revertsTaskState, wrapException, wrapInstanceEvent, wrapInstanceFault } from '@virtkit/decorators';
import {
  ComputeError,
  isComputeError,
  requireHonoured,
  supports,
  type CallOptions,
  type Image,
  type InstanceSpec,
  type PowerOffOptions,
  type Secret,
} from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import { operations } from '../model/operation-table.js';
import type { RequestContext } from '../model/request-context.js';
import type { InstanceTask } from '../runner/instance-task.js';
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
      await this.parts.driver.with('power').powerOff(task.instance.uuid, { ...stopping, signal });
      task.noteChange();
      await driver.rescue(guest, image, { ...(password && { password }), signal });
    });
  }

  /** Boots a rescued guest from its own disk again. Ends `active`. */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async unrescueInstance(context: RequestContext, instance: Instance, options: CallOptions = {}): Promise<Instance> {
    return await this.run('unrescue', context, instance, options, async (task, signal) => {
      await this.parts.driver.with('rescue').unrescue(await guestToStart(task, this.parts, signal), { signal });
    });
  }

  /**
   * Gives the guest a fresh root disk of an image. Its volumes and interfaces stay. Ends `active`, or `stopped` where it was; a failure leaves
   * it off, and its old disk may be gone.
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
      const { image: before } = task.instance;
      const image = await this.#image(imageId, task, signal);
      const { blockDevices } = await guestToStart(task, this.parts, signal);
      // From here on nobody can tell which of the two the disk is of: a start that remakes the guest takes the one that was asked for.
      await task.advance('rebuild_spawning', { image });
      try {
        await this.#remakeDisk(task, { ...task.spec, blockDevices }, signal);
      } catch (failure) {
        const isUntouched = isComputeError(failure) && failure.effect === 'none' && task.guest === 'as it was';
        if (isUntouched) task.undo.record({ undone: { image: before } });
        throw failure;
      }
    });
  }

  async #remakeDisk(task: InstanceTask, guest: InstanceSpec, signal: AbortSignal): Promise<void> {
    const { driver } = this.parts;
    const { uuid, vmState } = task.instance;
    if (supports(driver, 'rebuild')) {
      await driver.with('rebuild').rebuild(guest, { signal });
      if (vmState !== 'stopped') return;
      task.noteChange();
      await driver.with('power').powerOff(uuid, { signal });
      return;
    }
    await driver.destroy(uuid, { signal });
    task.noteChange();
    await driver.spawn(guest, { start: vmState === 'stopped' ? 'leave-off' : 'power-on', signal });
  }

  async #image(imageId: string, { instance }: InstanceTask, signal: AbortSignal): Promise<Image> {
    const { projectId } = instance;
    const image = await this.parts.providers.images.getImage(imageId, { projectId }, { signal });
    requireHonoured(this.parts.driver.honoured, { image });
    return image;
  }
}

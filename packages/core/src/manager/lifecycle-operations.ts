import { revertsTaskState, wrapException, wrapInstanceEvent, wrapInstanceFault } from '@virtkit/decorators';
import { isComputeError, supports, type CallOptions } from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import type { RequestContext } from '../model/request-context.js';
import type { InstanceTask } from '../runner/instance-task.js';
import { deleteShelvedImages } from './delete-shelved-images.js';
import { guestToStart } from './guest-to-start.js';
import { OperationFamily } from './operation-family.js';
import { refuseToStopNothing } from './refuse-to-stop-nothing.js';

/** What hides a guest and brings it back, and what stops one that nothing else stops. */
export class LifecycleOperations extends OperationFamily {
  /** Stops the guest and keeps everything of it. Ends `soft-delete`. Overtakes and cancels whatever else runs for the instance, but ends and moves. */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async softDeleteInstance(context: RequestContext, instance: Instance, options: CallOptions = {}): Promise<Instance> {
    return await this.run('softDelete', context, instance, options, (task, signal) => this.#hide(task, signal));
  }

  /** Brings a soft-deleted instance back. Ends `active`; a failure leaves it as it was. */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async restoreInstance(context: RequestContext, instance: Instance, options: CallOptions = {}): Promise<Instance> {
    const restored = await this.run('restore', context, instance, options, async (task, signal) => {
      const { driver } = this.parts;
      const found = await driver.inspect({ instance: task.instance }, { signal });
      const guest = await guestToStart(task, this.parts, signal);
      // One that was soft-deleted without a guest is made again, which is more than the driver's `restore` promises.
      if (found.guest === 'present' && supports(driver, 'softDelete')) {
        await driver.with('softDelete').restore({ instance: guest }, { signal });
      } else await driver.with('power').powerOn({ instance: guest }, { signal });
    });
    if (instance.shelvedImageId !== null) await deleteShelvedImages(restored, this.parts);
    return restored;
  }

  /**
   * Stops the guest without asking it. Ends `stopped`. Overtakes and cancels whatever else runs for the instance, but ends and moves. One in
   * `error` of which nothing is there stays so. @throws ComputeError `GUEST_OPERATION_FAILED`
   */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async forceStopInstance(context: RequestContext, instance: Instance, options: CallOptions = {}): Promise<Instance> {
    return await this.run('forceStop', context, instance, options, async (task, signal) => {
      const { driver } = this.parts;
      await refuseToStopNothing(task.instance, driver, signal);
      await driver.with('power').powerOff({ instance: task.instance }, { signal });
      return (await this.#isSuspended(task, signal)) ? { patch: { vmState: 'suspended' } } : undefined;
    });
  }

  /** A suspend that was preempted at its end has left the guest suspended. The guest is off: that nobody can look does not undo it. */
  async #isSuspended({ instance }: InstanceTask, signal: AbortSignal): Promise<boolean> {
    const { driver, log } = this.parts;
    try {
      return (await driver.inspect({ instance }, { signal })).savedMemory === 'present';
    } catch (failure) {
      log.warn({ err: failure, instanceUuid: instance.uuid }, 'saved memory after a forced stop not looked for');
      return false;
    }
  }

  async #hide({ instance }: InstanceTask, signal: AbortSignal): Promise<void> {
    const { driver } = this.parts;
    if (!supports(driver, 'softDelete')) return await driver.with('power').powerOff({ instance }, { signal });
    try {
      await driver.with('softDelete').softDelete({ instance }, { signal });
    } catch (failure) {
      // A guest that is gone is as much out of sight as it can be.
      if (!isComputeError(failure, 'INSTANCE_NOT_FOUND')) throw failure;
    }
  }
}

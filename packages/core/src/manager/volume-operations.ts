import { revertsTaskState, wrapException, wrapInstanceEvent, wrapInstanceFault } from '@virtkit/decorators';
import { isComputeError, type BlockDevice, type CallOptions } from '../driver/index.js';
import { providerOptions } from '../guard/provider-options.js';
import { recordedDevice, type InstanceBlockDevice } from '../model/instance-block-device.js';
import type { Instance } from '../model/instance.js';
import type { RequestContext } from '../model/request-context.js';
import type { InstanceTask } from '../runner/instance-task.js';
import { attachedVolume, connectedVolume, refuseAttached } from './attached-volume.js';
import { OperationFamily, type FamilyParts } from './operation-family.js';
import { unlessGone, VolumeSteps, type VolumeWish } from './volume-steps.js';

export interface VolumeSwap {
  readonly volumeId: string;
  readonly newVolumeId: string;
}

export interface VolumeExtension {
  readonly volumeId: string;
  /** At least so large it shall be. */
  readonly sizeMib: number;
}

/** A snapshot of a volume, asked for by whoever looks after volumes. */
export interface VolumeSnapshot {
  readonly volumeId: string;
  /** A new uuid chosen by the caller: what fails takes the snapshot of this name back. */
  readonly snapshotId: string;
}

/**
 * The volumes that guests have. None of it changes the vm state. What fails is undone in reverse, so that neither a reservation nor a
 * connection nor a device is left; what cannot be undone stays in the instance's record, from where it can be detached. A delete of the instance
 * gives everything back in any case.
 */
export class VolumeOperations extends OperationFamily {
  readonly #volumes: VolumeSteps;

  constructor(parts: FamilyParts) {
    super(parts);
    this.#volumes = new VolumeSteps(parts);
  }

  /**
   * Afterwards the guest has the volume, now and after its next start. An instance that is on no host has it reserved, and gets it when it
   * is unshelved. @throws ComputeError `VOLUME_NOT_FOUND`, `VOLUME_UNAVAILABLE`, `TOO_MANY_DEVICES`
   */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async attachVolume(
    context: RequestContext,
    instance: Instance,
    wish: VolumeWish,
    options: CallOptions = {},
  ): Promise<Instance> {
    return await this.run('attachVolume', context, instance, options, async (task, signal) => {
      const { volumeId, bus = 'virtio' } = wish;
      const driver = this.parts.driver.with('volumes');
      const { blockDevices: before, vmState } = task.instance;
      refuseAttached(task.instance, volumeId);
      await this.#volumes.reserve(task, volumeId, signal);
      const reserved: InstanceBlockDevice = { id: volumeId, source: null, bus, device: 'disk' };
      if (vmState === 'shelved_offloaded') return { patch: { blockDevices: [...before, reserved] } };

      const device = await this.#volumes.connect(task, wish, signal);
      const blockDevices = [...before, recordedDevice(device)];
      task.undo.record({ notUndone: { blockDevices } });
      task.undo.push('detach the volume', () => unlessGone(driver.detachVolume(task.spec, volumeId)));
      await driver.attachVolume(task.spec, device, { signal });
      return { patch: { blockDevices } };
    });
  }

  /** Afterwards the guest has let go of the volume, and the volume is free. @throws ComputeError `DEVICE_NOT_FOUND`, `DEVICE_DETACH_REFUSED` */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async detachVolume(
    context: RequestContext,
    instance: Instance,
    volumeId: string,
    options: CallOptions = {},
  ): Promise<Instance> {
    return await this.run('detachVolume', context, instance, options, async (task, signal) => {
      const { id, source, ...rest } = attachedVolume(task.instance, volumeId);
      const patch = { blockDevices: task.instance.blockDevices.filter((device) => device.id !== id) };
      if (source === null) {
        await this.#volumes.unreserve(task, id, signal);
        return { patch };
      }
      const driver = this.parts.driver.with('volumes');
      let device: BlockDevice = { id, source, ...rest };
      task.undo.push('attach the volume again', () => unlessGone(driver.attachVolume(task.spec, device)));
      await driver.detachVolume(task.spec, id, { signal });
      await this.#volumes.giveUp(task, device, (back) => (device = this.#recordBack(task, back)), signal);
      return { patch };
    });
  }

  /**
   * Afterwards a running guest writes to the replacement, which holds everything the old volume held, and the old one is free.
   * @throws ComputeError `DEVICE_NOT_FOUND`, `VOLUME_NOT_FOUND`, `VOLUME_UNAVAILABLE`
   */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async swapVolume(
    context: RequestContext,
    instance: Instance,
    { volumeId, newVolumeId }: VolumeSwap,
    options: CallOptions = {},
  ): Promise<Instance> {
    return await this.run('swapVolume', context, instance, options, async (task, signal) => {
      const driver = this.parts.driver.with('swapVolume');
      let old = connectedVolume(task.instance, volumeId);
      const { blockDevices: before } = task.instance;
      refuseAttached(task.instance, newVolumeId);
      await this.#volumes.reserve(task, newVolumeId, signal);
      const wish = { volumeId: newVolumeId, bus: old.bus };
      const fresh = { ...old, ...(await this.#volumes.connect(task, wish, signal)) };
      const reserved: InstanceBlockDevice = { ...fresh, source: null };
      task.undo.record({ notUndone: { blockDevices: [...before, reserved] } });
      task.undo.push('swap the volumes back', () => unlessNotThere(driver.swapVolume(task.spec, newVolumeId, old)));
      await driver.swapVolume(task.spec, volumeId, fresh, { signal });
      await this.#volumes.giveUp(task, old, (back) => (old = this.#recordBack(task, back)), signal);
      return { patch: { blockDevices: before.map((each) => (each.id === volumeId ? recordedDevice(fresh) : each)) } };
    });
  }

  /**
   * Afterwards the volume is at least so large, and the guest sees it. A failure may leave the volume larger than the guest sees; the same
   * once more mends that. The action's result is `{ sizeMib }`. @throws ComputeError `DEVICE_NOT_FOUND`, `INSUFFICIENT_RESOURCES`
   */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async extendVolume(
    context: RequestContext,
    instance: Instance,
    { volumeId, sizeMib: asked }: VolumeExtension,
    options: CallOptions = {},
  ): Promise<Instance> {
    return await this.run('extendVolume', context, instance, options, async (task, signal) => {
      const driver = this.parts.driver.with('extendVolume');
      connectedVolume(task.instance, volumeId);
      const sizeMib = await this.#volumes.provider.extend(volumeId, asked, { signal });
      await driver.extendVolume(task.spec, volumeId, sizeMib, { signal });
      task.setResult({ sizeMib });
    });
  }

  /**
   * Afterwards the guest writes to a new file above the volume's, and what was there stays as it is. The action's result is `{ snapshotId }`.
   * @throws ComputeError `DEVICE_NOT_FOUND`, `VOLUME_UNAVAILABLE`
   */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async volumeSnapshotCreate(
    context: RequestContext,
    instance: Instance,
    { volumeId, snapshotId }: VolumeSnapshot,
    options: CallOptions = {},
  ): Promise<Instance> {
    return await this.run('volumeSnapshotCreate', context, instance, options, async (task, signal) => {
      const driver = this.parts.driver.with('volumeSnapshots');
      const { provider } = this.#volumes;
      connectedVolume(task.instance, volumeId);
      const { uuid: instanceUuid } = task.instance;
      task.undo.push('take the snapshot back', async () => {
        const begun = await provider.beginSnapshotDeletion(snapshotId);
        if (begun) await unlessNotThere(driver.volumeSnapshotDelete(task.spec, volumeId, begun.path));
        await provider.finishSnapshotDeletion(snapshotId);
      });
      const place = await provider.beginSnapshot({ snapshotId, volumeId, instanceUuid }, { signal });
      await driver.volumeSnapshotCreate(task.spec, volumeId, place.path, { signal });
      await provider.finishSnapshot(snapshotId, { signal });
      task.setResult({ snapshotId });
      return { patch: { blockDevices: await this.#reconnected(task, volumeId, { signal }) } };
    });
  }

  /**
   * Afterwards the snapshot is merged into what is beneath it. A snapshot that is not there is deleted. What was merged before a failure stays
   * merged; the same once more ends it. @throws ComputeError `DEVICE_NOT_FOUND`
   */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async volumeSnapshotDelete(
    context: RequestContext,
    instance: Instance,
    { volumeId, snapshotId }: VolumeSnapshot,
    options: CallOptions = {},
  ): Promise<Instance> {
    return await this.run('volumeSnapshotDelete', context, instance, options, async (task, signal) => {
      const driver = this.parts.driver.with('volumeSnapshots');
      const { provider } = this.#volumes;
      connectedVolume(task.instance, volumeId);
      const place = await provider.beginSnapshotDeletion(snapshotId, { signal });
      const finish = async (
        options: CallOptions,
      ): Promise<{ readonly blockDevices: readonly InstanceBlockDevice[] }> => {
        if (place) await driver.volumeSnapshotDelete(task.spec, volumeId, place.path, options);
        await provider.finishSnapshotDeletion(snapshotId, options);
        return { blockDevices: await this.#reconnected(task, volumeId, options) };
      };
      // The only way back is the one onwards: the guest may write to the lower file by now, and must not start from the upper one again.
      task.undo.push('finish the deletion of the snapshot', async () =>
        task.undo.record({ undone: await finish(providerOptions()) }),
      );
      return { patch: await finish({ signal }) };
    });
  }

  /** The instance's devices with the file that the volume's guest writes to now, which its next start begins from. */
  async #reconnected(
    task: InstanceTask,
    volumeId: string,
    options: CallOptions,
  ): Promise<readonly InstanceBlockDevice[]> {
    const connector = await this.parts.driver.with('volumes').getVolumeConnector(options);
    const { uuid: instanceUuid, projectId, blockDevices } = task.instance;
    const source = await this.#volumes.provider.connect(volumeId, { instanceUuid, projectId, connector }, options);
    return blockDevices.map((device) => (device.id === volumeId ? recordedDevice({ ...device, source }) : device));
  }

  /** A volume that the instance has got back may be found elsewhere now. */
  #recordBack(task: InstanceTask, back: BlockDevice): BlockDevice {
    const { blockDevices } = task.instance;
    task.undo.record({
      undone: { blockDevices: blockDevices.map((each) => (each.id === back.id ? recordedDevice(back) : each)) },
    });
    return back;
  }
}

/** Where the guest or the device is not there, there is nothing to take back. */
async function unlessNotThere(call: Promise<void>): Promise<void> {
  try {
    await call;
  } catch (failure) {
    if (!isComputeError(failure, 'INSTANCE_NOT_FOUND') && !isComputeError(failure, 'DEVICE_NOT_FOUND')) throw failure;
  }
}

import { revertsTaskState, wrapException, wrapInstanceEvent, wrapInstanceFault } from '@virtkit/decorators';
import { isComputeError, type CallOptions } from '../driver/index.js';
import type { ActionStep } from '../model/action-step.js';
import { holderOf } from '../model/build-of.js';
import {
  deviceOf,
  isConnected,
  recordedDevice,
  type InstanceBlockDevice,
  type ReservedDevice,
} from '../model/instance-block-device.js';
import type { Instance, InstancePatch } from '../model/instance.js';
import { newRecordUuid } from '../model/new-record-uuid.js';
import { withPending } from '../model/pending-release.js';
import { reservationOf, type RequestContext } from '../model/request-context.js';
import type { InstanceTask } from '../runner/instance-task.js';
import { attachedVolume, connectedVolume, refuseAttached } from './attached-volume.js';
import { OperationFamily, type FamilyParts } from './operation-family.js';
import { unlessGone, VolumeSteps, type VolumeWish } from './volume-steps.js';

type SwapStep = Extract<ActionStep, { step: 'swap-volume' }>;

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
      const reservationId = reservationOf(context);
      await task.takeStep({ step: 'get-volume', volumeId, reservationId, bus });
      await this.#volumes.reserve(task, volumeId, reservationId, signal);
      const reserved: InstanceBlockDevice = { id: volumeId, source: null, bus, device: 'disk', reservationId };
      if (vmState === 'shelved_offloaded') return { patch: { blockDevices: [...before, reserved] } };

      const device = await this.#volumes.connect(task, wish, reservationId, signal);
      const blockDevices = [...before, recordedDevice(device)];
      task.undo.record({ notUndone: { blockDevices } });
      task.undo.push('detach the volume', (options) =>
        unlessGone(driver.detachVolume({ instance: task.spec, deviceId: volumeId }, options)),
      );
      await driver.attachVolume({ instance: task.spec, device: deviceOf(device) }, { signal });
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
      await this.#volumes.recordHold(task, volumeId, signal);
      const held = attachedVolume(task.instance, volumeId);
      const { id, reservationId } = held;
      const patch = { blockDevices: task.instance.blockDevices.filter((device) => device.id !== id) };
      const named = reservationId === undefined ? {} : { reservationId };
      const againReservationId = newRecordUuid();
      await task.takeStep({ step: 'give-volume-back', volumeId: id, ...named, againReservationId });
      if (!isConnected(held)) {
        await this.#giveReservedUp(task, held, againReservationId, signal);
        return { patch };
      }
      const driver = this.parts.driver.with('volumes');
      let device: ReservedDevice = held;
      task.undo.push('attach the volume again', (options) =>
        unlessGone(driver.attachVolume({ instance: task.spec, device: deviceOf(device) }, options)),
      );
      await driver.detachVolume({ instance: task.spec, deviceId: id }, { signal });
      const onBack = (back: ReservedDevice): void => void (device = this.#recordBack(task, back));
      await this.#volumes.giveUp(task, { device, again: againReservationId, onBack }, signal);
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
      await this.#volumes.recordHold(task, volumeId, signal);
      let old = connectedVolume(task.instance, volumeId);
      const { blockDevices: before } = task.instance;
      refuseAttached(task.instance, newVolumeId);
      const reservationId = reservationOf(context);
      const again = newRecordUuid();
      const ids = { volumeId, newVolumeId, reservationId, againReservationId: again };
      const swap = { step: 'swap-volume', ...ids } as const;
      const begun = await task.takeStep<SwapStep>({ ...swap, replacement: null });
      await this.#volumes.reserve(task, newVolumeId, reservationId, signal);
      const wish = { volumeId: newVolumeId, bus: old.bus };
      const fresh = { ...old, ...(await this.#volumes.connect(task, wish, reservationId, signal)) };
      const reserved: InstanceBlockDevice = { ...fresh, source: null };
      task.undo.record({ notUndone: { blockDevices: [...before, reserved] } });
      task.undo.push('swap the volumes back', (options) =>
        unlessNotThere(
          driver.swapVolume({ instance: task.spec, deviceId: newVolumeId, replacement: deviceOf(old) }, options),
        ),
      );
      await driver.swapVolume({ instance: task.spec, deviceId: volumeId, replacement: deviceOf(fresh) }, { signal });
      // From here on the old volume's data is stale: a preempted swap must not boot from it again.
      await task.takeStep<SwapStep>({ ...swap, replacement: recordedDevice(fresh) }, begun);
      const onBack = (back: ReservedDevice): void => void (old = this.#recordBack(task, back));
      await this.#volumes.giveUp(task, { device: old, again, onBack }, signal);
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
      await driver.extendVolume({ instance: task.spec, deviceId: volumeId, sizeMib }, { signal });
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
      await task.takeStep({ step: 'make-volume-snapshot', volumeId, snapshotId });
      task.undo.record({ notUndone: this.#pendingMerge(task, volumeId, snapshotId) });
      task.undo.push('take the snapshot back', async (options) => {
        const begun = await provider.beginSnapshotDeletion(snapshotId, options);
        if (begun)
          await unlessNotThere(
            driver.volumeSnapshotDelete({ instance: task.spec, deviceId: volumeId, snapshotPath: begun.path }, options),
          );
        await provider.finishSnapshotDeletion(snapshotId, options);
      });
      const place = await provider.beginSnapshot({ snapshotId, volumeId, instanceUuid }, { signal });
      await driver.volumeSnapshotCreate(
        { instance: task.spec, deviceId: volumeId, snapshotPath: place.path },
        { signal },
      );
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
      await task.takeStep({ step: 'merge-volume-snapshot', volumeId, snapshotId });
      task.undo.record({ notUndone: this.#pendingMerge(task, volumeId, snapshotId) });
      const finish = async (
        options: CallOptions,
      ): Promise<{ readonly blockDevices: readonly InstanceBlockDevice[] }> => {
        const place = await provider.beginSnapshotDeletion(snapshotId, options);
        if (place)
          await driver.volumeSnapshotDelete(
            { instance: task.spec, deviceId: volumeId, snapshotPath: place.path },
            options,
          );
        await provider.finishSnapshotDeletion(snapshotId, options);
        return { blockDevices: await this.#reconnected(task, volumeId, options) };
      };
      // The only way back is the one onwards: the guest may write to the lower file by now, and must not start from the upper one again.
      task.undo.push('finish the deletion of the snapshot', async (options) =>
        task.undo.record({ undone: await finish(options) }),
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
    const connector = await this.parts.driver.with('volumes').getVolumeConnector({}, options);
    const { blockDevices } = task.instance;
    const held = blockDevices.find(({ id }) => id === volumeId);
    const holder = holderOf(task.instance, held?.reservationId);
    const source = await this.#volumes.provider.connect(volumeId, { ...holder, connector }, options);
    return blockDevices.map((device) => (device.id === volumeId ? recordedDevice({ ...device, source }) : device));
  }

  /** Gives a volume back that no host has connected; if the task fails the instance has it again. */
  async #giveReservedUp(
    task: InstanceTask,
    held: InstanceBlockDevice,
    again: string,
    signal: AbortSignal,
  ): Promise<void> {
    const back = { ...held, reservationId: again };
    const blockDevices = task.instance.blockDevices.map((each) => (each.id === held.id ? back : each));
    task.undo.record({ undone: { blockDevices } });
    await this.#volumes.unreserve(task, held, again, signal);
  }

  /** The guest does not start again before the merge of the snapshot is over: nobody knows which file it writes to. */
  #pendingMerge({ instance }: InstanceTask, volumeId: string, snapshotId: string): InstancePatch {
    const sinceMs = this.parts.clock.now();
    const entry = { kind: 'volume-snapshot', volumeId, snapshotId, sinceMs } as const;
    return { pendingRelease: withPending(instance.pendingRelease, [entry]) };
  }

  /** A volume that the instance has got back may be found elsewhere now, and is held under a reservation of its own. */
  #recordBack(task: InstanceTask, back: ReservedDevice): ReservedDevice {
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

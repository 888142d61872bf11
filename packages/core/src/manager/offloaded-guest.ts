import { isComputeError, suppress, type Image, type InstanceSpec } from '../driver/index.js';
import type { GuestRef } from '../guard/guest-ref.js';
import { buildOf } from '../model/build-of.js';
import { deviceOf } from '../model/instance-block-device.js';
import { newGeneration } from '../model/new-generation.js';
import { withConnected } from '../moves/moved-devices.js';
import { VolumeConnections } from '../peers/volume-connections.js';
import type { InstanceTask } from '../runner/instance-task.js';
import type { FamilyParts } from './operation-family.js';

/** Where a volume is that is only reserved; connecting it says better. */
const nowhere = { type: 'host-device', path: '/dev/null' } as const;

/** Takes a shelved guest off the host and makes it again from its image. */
export class OffloadedGuest {
  readonly #parts: FamilyParts;
  readonly #volumes: VolumeConnections;

  constructor(parts: FamilyParts) {
    this.#parts = parts;
    this.#volumes = new VolumeConnections(parts);
  }

  /** Afterwards the host holds nothing of the guest. May be repeated. */
  async leave(task: InstanceTask, signal: AbortSignal): Promise<void> {
    // It is about to be all that there is of the guest's disk.
    await this.#shelvedImage(task, signal);
    await this.#destroy(task, signal);
    await this.#volumes.disconnect(task.instance.uuid, { signal });
  }

  /** Afterwards the guest runs here. On failure the host holds nothing of it, and its image is as it was. May be repeated. */
  async comeBack(task: InstanceTask, signal: AbortSignal): Promise<void> {
    const { driver, host } = this.#parts;
    const { uuid } = task.instance;
    const image = await this.#shelvedImage(task, signal);
    // What a process that died here has left of it.
    await driver.destroy({ instance: task.instance }, { signal });
    await task.advance('block_device_mapping', { host, generation: newGeneration(task.context) });
    task.undo.push('disconnect the volumes', (options) => this.#volumes.disconnect(uuid, options));
    const devices = task.instance.blockDevices.map((device) =>
      deviceOf({ ...device, source: device.source ?? nowhere }),
    );
    const { blockDevices } = await this.#volumes.connect({ ...task.spec, blockDevices: devices }, { signal });
    const networkInterfaces = await this.#interfaces(task, signal);
    const recorded = withConnected(task.instance.blockDevices, blockDevices);
    await task.advance('spawning', { networkInterfaces, blockDevices: recorded });
    await this.#spawn(task, { ...task.spec, blockDevices, image }, signal);
  }

  /**
   * The instance's own image, with the place of the disk that it was shelved in. The image that was made to shelve it is deleted afterwards, so
   * that nothing may name it.
   * @throws ComputeError `IMAGE_NOT_FOUND`, `IMAGE_UNACCEPTABLE`
   */
  async #shelvedImage({ instance }: InstanceTask, signal: AbortSignal): Promise<Image> {
    const { shelvedImageId, projectId } = instance;
    const { images } = this.#parts.providers;
    if (shelvedImageId === null) throw new TypeError(`instance ${instance.uuid} is shelved and names no image`);
    const shelved = await images.getImage(shelvedImageId, { projectId }, { signal });
    const { diskFormat, minDiskGib } = shelved;
    return { ...instance.image, diskFormat, minDiskGib, location: { ...instance.image.location, ...shelved.location } };
  }

  async #interfaces({ instance }: InstanceTask, signal: AbortSignal): Promise<InstanceSpec['networkInterfaces']> {
    const { providers, host } = this.#parts;
    if (!providers.has('networks')) return instance.networkInterfaces;
    return await providers.networks.moveTo(buildOf(instance), host, { signal });
  }

  /** A guest that is half gone is of no use to anybody: what is begun is tried once more, whatever was asked meanwhile. */
  async #destroy({ instance }: InstanceTask, signal: AbortSignal): Promise<void> {
    const { driver } = this.#parts;
    try {
      await driver.destroy({ instance }, { signal });
    } catch (failure) {
      const isUntouched = isComputeError(failure) && failure.effect === 'none';
      if (isUntouched || isComputeError(failure, 'UNEXPECTED_TASK_STATE')) throw failure;
      try {
        await driver.destroy({ instance });
      } catch (secondary) {
        suppress(failure, secondary, 'remove the rest of the guest');
        throw failure;
      }
    }
  }

  async #spawn({ instance }: InstanceTask, spec: InstanceSpec, signal: AbortSignal): Promise<void> {
    const { driver } = this.#parts;
    try {
      await driver.spawn({ instance: spec }, { signal });
    } catch (failure) {
      // Whoever has overtaken this one takes away what is there; and a guest whose start was not answered may run.
      if (isComputeError(failure, 'UNEXPECTED_TASK_STATE') || (await this.#runsAfterAll(instance, failure)))
        throw failure;
      try {
        await driver.destroy({ instance });
      } catch (secondary) {
        suppress(failure, secondary, 'remove what was made of the guest');
      }
      throw failure;
    }
  }

  async #runsAfterAll(guest: GuestRef, failure: unknown): Promise<boolean> {
    if (!isComputeError(failure) || (failure.effect !== 'unknown' && failure.effect !== 'done')) return false;
    try {
      return (await this.#parts.driver.inspect({ instance: guest })).powerState === 'RUNNING';
    } catch (secondary) {
      suppress(failure, secondary, 'look for the guest');
      return false;
    }
  }
}

import { suppress, type InstanceSpec } from '../driver/index.js';
import { buildOf } from '../model/build-of.js';
import { deviceOf, recordedDevice, type ReservedDevice } from '../model/instance-block-device.js';
import type { Instance } from '../model/instance.js';
import { newGeneration } from '../model/new-generation.js';
import { reservationOf } from '../model/request-context.js';
import type { NetworkRequest } from '../providers/network-provider.js';
import type { InstanceTask } from '../runner/instance-task.js';
import type { FamilyParts } from './operation-family.js';
import { VolumeSteps, type VolumeWish } from './volume-steps.js';

/** What a new instance gets from the providers, beside what is described. */
export interface BuildWish {
  readonly networks?: readonly NetworkRequest[];
  readonly volumes?: readonly VolumeWish[];
}

/** What instances have from the providers of networks and volumes: got before a guest is made, given back when it is gone. */
export class Belongings {
  readonly #parts: FamilyParts;
  readonly #volumes: VolumeSteps;

  constructor(parts: FamilyParts) {
    this.#parts = parts;
    this.#volumes = new VolumeSteps(parts);
  }

  /**
   * Gets what is wished and makes the instance ready to be spawned: as it is answered, with the passphrases that its record has not. When the task fails it is given back, as soon as no guest is left; while
   * one may be, the record keeps it, and a delete gives it back.
   */
  async obtain(
    task: InstanceTask,
    { networks = [], volumes = [] }: BuildWish,
    signal: AbortSignal,
  ): Promise<InstanceSpec> {
    const reservationId = reservationOf(task.context);
    let { networkInterfaces } = task.instance;
    task.undo.record({ undone: { networkInterfaces, blockDevices: [] } });
    if (networks.length > 0) {
      const besides = networkInterfaces.map(({ id }) => id);
      await task.advance('networking', {}, { steps: [{ step: 'get-interfaces', reservationId, besides }] });
      networkInterfaces = await this.#allocate(task, networks, reservationId, signal);
    }
    if (volumes.length > 0) {
      const steps = volumes.map((wish) => ({ step: 'get-volume', bus: 'virtio', reservationId, ...wish }) as const);
      await task.advance('block_device_mapping', { networkInterfaces }, { steps });
    }
    const blockDevices: ReservedDevice[] = [];
    for (const wish of volumes) {
      await this.#volumes.reserve(task, wish.volumeId, reservationId, signal);
      blockDevices.push(await this.#volumes.connect(task, wish, reservationId, signal));
    }
    if (networks.length + volumes.length > 0) {
      task.undo.push('make sure that no guest is left', async (options) => {
        const { guest } = await this.#parts.driver.inspect({ instance: task.instance }, options);
        return guest === 'present' ? 'enough' : guest;
      });
    }
    // The record has it before the guest is there. That of an action was written when it was accepted.
    const generation = task.instance.generation ?? newGeneration(task.context);
    await task.advance('spawning', { generation, networkInterfaces, blockDevices: blockDevices.map(recordedDevice) });
    return { ...task.spec, blockDevices: blockDevices.map(deviceOf) };
  }

  /** Gives everything back that an instance has, whatever its record says. One provider's failure does not keep the other from it. */
  async giveBack(instance: Instance, signal: AbortSignal): Promise<void> {
    const { providers } = this.#parts;
    const releaseAll = async (): Promise<void> => {
      if (providers.has('networks')) await providers.networks.releaseAll(buildOf(instance), { signal });
    };
    try {
      await this.#volumes.giveUpAll(instance, signal);
    } catch (failure) {
      await releaseAll().catch((secondary: unknown) => suppress(failure, secondary, 'release the interfaces'));
      throw failure;
    }
    await releaseAll();
  }

  async #allocate(
    task: InstanceTask,
    requests: readonly NetworkRequest[],
    reservationId: string,
    signal: AbortSignal,
  ): Promise<Instance['networkInterfaces']> {
    const { networks } = this.#parts.providers;
    const { projectId } = task.instance;
    const build = buildOf(task.instance);
    task.undo.push('release the interfaces', (options) => networks.unreserve(build, reservationId, options));
    const allocation = { ...build, reservationId, projectId, host: this.#parts.host, requests };
    return await networks.allocate(allocation, { signal });
  }
}

import {
  isComputeError,
  supports,
  type BlockDevice,
  type CallOptions,
  type InstanceSpec,
  type VolumeConnector,
} from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import { providerOptions } from '../guard/provider-options.js';
import type { Providers } from '../guard/providers.js';
import { buildOf, holderOf } from '../model/build-of.js';
import type { VolumeHolder } from '../providers/volume-provider.js';
import type { Records } from '../records/records.js';

export interface VolumeConnectionsParts {
  readonly driver: GuestDriver;
  readonly providers: Providers;
  readonly records: Pick<Records, 'store'>;
}

/** The volumes of instances as this host opens them. Without a provider of volumes nothing is done: devices are as they were described. */
export class VolumeConnections {
  readonly #parts: VolumeConnectionsParts;

  constructor(parts: VolumeConnectionsParts) {
    this.#parts = parts;
  }

  /** What a storage system must know of this host; `undefined` where its driver has no volumes. */
  async connector(options?: CallOptions): Promise<VolumeConnector | undefined> {
    const { driver } = this.#parts;
    return supports(driver, 'volumes') ? await driver.with('volumes').getVolumeConnector({}, options) : undefined;
  }

  /**
   * Connects every volume of an instance here, and answers the instance with them. Idempotent. A device that the provider of volumes knows
   * is never given as it was described: the provider says who has it now. @throws ComputeError as `VolumeProvider.connect`
   */
  async connect(instance: InstanceSpec, options: CallOptions = {}): Promise<InstanceSpec> {
    const { providers, records } = this.#parts;
    if (!providers.has('volumes') || instance.blockDevices.length === 0) return instance;
    const recorded = await records.store.getInstance(instance.uuid, options);
    const reservations = new Map(recorded.blockDevices.map(({ id, reservationId }) => [id, reservationId]));
    const blockDevices: BlockDevice[] = [];
    for (const device of instance.blockDevices) {
      const reservationId = reservations.get(device.id);
      const isVolume = reservationId !== undefined || (await this.#isVolume(device.id, instance, options));
      blockDevices.push(isVolume ? await this.#connected(device, holderOf(recorded, reservationId), options) : device);
    }
    return { ...instance, blockDevices };
  }

  /** Takes every volume of an instance from this host; they stay the instance's. Idempotent. */
  async disconnect(instanceUuid: string, options: CallOptions = {}): Promise<void> {
    const { providers, records } = this.#parts;
    if (!providers.has('volumes')) return;
    const build = buildOf(await records.store.getInstance(instanceUuid, options));
    const { volumes } = providers;
    const held = await volumes.volumesOf(build, providerOptions(options));
    if (held.length === 0) return;
    if (!supports(this.#parts.driver, 'volumes')) return;
    const [name, ...earlierNames] = await this.#parts.driver.volumeHostNames({}, options);
    for (const { id, attachment } of held) {
      const earlier = earlierNames.filter((each) => attachment?.hosts.includes(each));
      for (const host of [name, ...earlier]) {
        if (host !== undefined) await volumes.disconnect(id, { ...build, host }, providerOptions(options));
      }
    }
  }

  async #connected(device: BlockDevice, holder: VolumeHolder, options: CallOptions): Promise<BlockDevice> {
    const connector = await this.connector(options);
    if (!connector) return device;
    const { volumes } = this.#parts.providers;
    const source = await volumes.connect(device.id, { ...holder, connector }, providerOptions(options));
    return { ...device, source };
  }

  /** A device of a record that names no reservation is a volume where the provider knows it, and was described otherwise. */
  async #isVolume(deviceId: string, { projectId }: InstanceSpec, options: CallOptions): Promise<boolean> {
    try {
      await this.#parts.providers.volumes.getVolume(deviceId, { projectId }, providerOptions(options));
      return true;
    } catch (failure) {
      if (isComputeError(failure, 'VOLUME_NOT_FOUND')) return false;
      throw failure;
    }
  }
}

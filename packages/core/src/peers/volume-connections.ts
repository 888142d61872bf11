import {
  supports,
  type BlockDevice,
  type CallOptions,
  type InstanceSpec,
  type VolumeConnector,
} from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import { providerOptions } from '../guard/provider-options.js';
import type { Providers } from '../guard/providers.js';

export interface VolumeConnectionsParts {
  readonly driver: GuestDriver;
  readonly providers: Providers;
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
    return supports(driver, 'volumes') ? await driver.with('volumes').getVolumeConnector(options) : undefined;
  }

  /** Connects every volume of an instance here, and answers the instance with them. Idempotent. */
  async connect(instance: InstanceSpec, options: CallOptions = {}): Promise<InstanceSpec> {
    const ids = await this.#volumeIds(instance.uuid, options);
    if (ids.size === 0) return instance;
    const connector = await this.connector(options);
    if (!connector) return instance;
    const { uuid: instanceUuid, projectId } = instance;
    const { volumes } = this.#parts.providers;
    const blockDevices: BlockDevice[] = [];
    for (const device of instance.blockDevices) {
      if (!ids.has(device.id)) blockDevices.push(device);
      else {
        const source = await volumes.connect(
          device.id,
          { instanceUuid, projectId, connector },
          providerOptions(options),
        );
        blockDevices.push({ ...device, source });
      }
    }
    return { ...instance, blockDevices };
  }

  /** Takes every volume of an instance from this host; they stay the instance's. Idempotent. */
  async disconnect(instanceUuid: string, options: CallOptions = {}): Promise<void> {
    const ids = await this.#volumeIds(instanceUuid, options);
    if (ids.size === 0) return;
    const connector = await this.connector(options);
    if (!connector) return;
    const { volumes } = this.#parts.providers;
    for (const id of ids)
      await volumes.disconnect(id, { instanceUuid, host: connector.host }, providerOptions(options));
  }

  async #volumeIds(instanceUuid: string, options: CallOptions): Promise<ReadonlySet<string>> {
    const { providers } = this.#parts;
    if (!providers.has('volumes')) return new Set();
    const held = await providers.volumes.volumesOf(instanceUuid, providerOptions(options));
    return new Set(held.map(({ id }) => id));
  }
}

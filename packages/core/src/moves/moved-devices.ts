import type { BlockDevice, CallOptions, NetworkInterface } from '../driver/index.js';
import { providerOptions } from '../guard/provider-options.js';
import type { Providers } from '../guard/providers.js';
import { recordedDevice } from '../model/instance-block-device.js';
import { buildOf } from '../model/build-of.js';
import type { Instance } from '../model/instance.js';

/** The devices of an instance, as they are recorded, with those in the place of theirs that a host has connected. */
export function withConnected(
  devices: Instance['blockDevices'],
  connected: readonly BlockDevice[],
): Instance['blockDevices'] {
  const byId = new Map(connected.map((device) => [device.id, recordedDevice(device)]));
  return devices.map((device) => ({ ...device, ...byId.get(device.id) }));
}

/** Binds the interfaces of an instance to a host, where a provider has them. Idempotent. */
export async function interfacesAt(
  instance: Pick<Instance, 'uuid' | 'buildUuid' | 'networkInterfaces'>,
  host: string,
  providers: Providers,
  options: CallOptions = {},
): Promise<readonly NetworkInterface[]> {
  const { networkInterfaces } = instance;
  if (!providers.has('networks')) return networkInterfaces;
  const bound = await providers.networks.moveTo(buildOf(instance), host, providerOptions(options));
  return bound.length > 0 ? bound : networkInterfaces;
}

import { ComputeError } from '../driver/index.js';
import { isConnected, type InstanceBlockDevice, type ReservedDevice } from '../model/instance-block-device.js';
import type { Instance } from '../model/instance.js';

/** One of the instance's volumes. @throws ComputeError `DEVICE_NOT_FOUND` */
export function attachedVolume({ uuid, blockDevices }: Instance, volumeId: string): InstanceBlockDevice {
  const device = blockDevices.find(({ id }) => id === volumeId);
  if (!device) throw new ComputeError('DEVICE_NOT_FOUND', { instanceUuid: uuid, device: volumeId });
  return device;
}

/** One of the volumes that the guest has. @throws ComputeError `DEVICE_NOT_FOUND`, `VOLUME_UNAVAILABLE` for one that is only reserved */
export function connectedVolume(instance: Instance, volumeId: string): ReservedDevice {
  const device = attachedVolume(instance, volumeId);
  if (!isConnected(device)) throw new ComputeError('VOLUME_UNAVAILABLE', { volumeId, reason: 'not attached' });
  return device;
}

/** @throws ComputeError `VOLUME_UNAVAILABLE` */
export function refuseAttached({ blockDevices }: Instance, volumeId: string): void {
  if (!blockDevices.some(({ id }) => id === volumeId)) return;
  throw new ComputeError('VOLUME_UNAVAILABLE', { volumeId, reason: 'in use' });
}

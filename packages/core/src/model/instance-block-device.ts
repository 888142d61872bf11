import type { BlockDevice, BlockDeviceSource } from '../driver/index.js';

/** A volume that an instance has, as its record says. No passphrase stands in it. */
export interface InstanceBlockDevice extends Omit<BlockDevice, 'source'> {
  /** Where its host opens it; `null` while it is only reserved, as that of an instance on no host is. */
  readonly source: BlockDeviceSource | null;
  /** Names the instance's hold on the volume to its provider; left out in records that were made before holds had names. */
  readonly reservationId?: string;
}

/** A device that a host has connected, with the name of the instance's hold on it. */
export type ReservedDevice = BlockDevice & Pick<InstanceBlockDevice, 'reservationId'>;

/** What is kept of a device. The passphrase of an encrypted one is asked of its provider anew. */
export function recordedDevice({ source, ...device }: ReservedDevice): InstanceBlockDevice {
  if (source.type !== 'file') return { ...device, source };
  const { type, path, format } = source;
  return { ...device, source: { type, path, format } };
}

/** Whether a host has it connected, so that a driver can be told of it. */
export function isConnected(device: InstanceBlockDevice): device is ReservedDevice {
  return device.source !== null;
}

/** The device as a driver is told of it. */
export function deviceOf({ reservationId: _, ...device }: ReservedDevice): BlockDevice {
  return device;
}

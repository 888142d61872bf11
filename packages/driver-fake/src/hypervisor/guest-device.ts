import type { BlockDevice, InstanceSpec, NetworkInterface } from '@virtkit/core/driver';

export type DeviceKind = 'disk' | 'interface';

/** A device that a guest can be given, or be made to let go, while it runs. */
export type GuestDevice =
  | { readonly kind: 'disk'; readonly device: BlockDevice }
  | { readonly kind: 'interface'; readonly device: NetworkInterface };

/** What a running guest has, and what the next start of it will have. */
export type DevicePlace = 'live' | 'next-start';

export function devicesIn(spec: InstanceSpec, kind: DeviceKind): readonly { readonly id: string }[] {
  return kind === 'disk' ? spec.blockDevices : spec.networkInterfaces;
}

export function hasDevice(spec: InstanceSpec | undefined, kind: DeviceKind, id: string): boolean {
  return spec !== undefined && devicesIn(spec, kind).some((device) => device.id === id);
}

/** The spec with one more device. */
export function withDevice(spec: InstanceSpec, added: GuestDevice): InstanceSpec {
  return added.kind === 'disk'
    ? { ...spec, blockDevices: [...spec.blockDevices, added.device] }
    : { ...spec, networkInterfaces: [...spec.networkInterfaces, added.device] };
}

export function withoutDevice(spec: InstanceSpec, kind: DeviceKind, id: string): InstanceSpec {
  return kind === 'disk'
    ? { ...spec, blockDevices: spec.blockDevices.filter((device) => device.id !== id) }
    : { ...spec, networkInterfaces: spec.networkInterfaces.filter((device) => device.id !== id) };
}

/** The spec with another block device in the place of one. */
export function withReplacedDisk(spec: InstanceSpec, id: string, replacement: BlockDevice): InstanceSpec {
  return { ...spec, blockDevices: spec.blockDevices.map((device) => (device.id === id ? replacement : device)) };
}

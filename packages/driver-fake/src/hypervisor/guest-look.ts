import type { BlockDevice, InstanceSpec, NetworkInterface } from '@virtkit/core/driver';
import type { DiskContent } from './disk-content.js';
import type { FakeHost } from './fake-host.js';
import type { FakeStorage } from './fake-storage.js';
import { hasDevice } from './guest-device.js';
import type { GuestView } from './guest-view.js';

/** What is held under a uuid, with its devices in full. */
export interface GuestLook extends GuestView {
  /** `undefined` without a guest. */
  readonly devices: GuestDevices | undefined;
}

export interface GuestDevices {
  readonly blockDevices: readonly (BlockDevice & BlockDeviceLook)[];
  readonly interfaces: readonly (NetworkInterface & DeviceLook)[];
  /** The interfaces in the network set-up that was last written into the guest. */
  readonly networkSetUp: readonly string[];
}

export interface DeviceLook {
  /** Whether the running guest has it, the next start of it will, or both. */
  readonly had: 'now' | 'after the next start' | 'now and after the next start';
}

export interface BlockDeviceLook extends DeviceLook {
  /** The file that is written to, and those below it. */
  readonly chain: readonly string[];
  readonly sizeMib: number | undefined;
  readonly content: DiskContent | undefined;
}

export function lookAt(host: FakeHost, storage: FakeStorage, uuid: string): GuestLook {
  const view = host.view(uuid);
  const { guest } = view;
  if (guest === undefined) return { ...view, devices: undefined };
  const { definition, running } = guest;
  const blockDevices = union(running?.blockDevices, definition.blockDevices).map((device) => {
    const file = storage.fileAt(device.source.path);
    const chain = host.volumes.chainFrom(device.source.path);
    const had = whenHad(running, definition, 'disk', device.id);
    return { ...device, had, chain, sizeMib: file?.sizeMib, content: file?.content };
  });
  const interfaces = union(running?.networkInterfaces, definition.networkInterfaces).map((device) => ({
    ...device,
    had: whenHad(running, definition, 'interface', device.id),
  }));
  const { networkSetUp = [] } = host.guest(uuid).doings;
  return { ...view, devices: { blockDevices, interfaces, networkSetUp } };
}

function whenHad(
  running: InstanceSpec | undefined,
  definition: InstanceSpec,
  kind: 'disk' | 'interface',
  id: string,
): DeviceLook['had'] {
  if (!hasDevice(running, kind, id)) return 'after the next start';
  return hasDevice(definition, kind, id) ? 'now and after the next start' : 'now';
}

function union<Device extends { readonly id: string }>(
  running: readonly Device[] = [],
  defined: readonly Device[],
): readonly Device[] {
  return [...running, ...defined.filter(({ id }) => !running.some((device) => device.id === id))];
}

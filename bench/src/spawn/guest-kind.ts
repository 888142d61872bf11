import type { CreateRequest } from '@virtkit/core';
import type { GuestImage } from '@virtkit/libvirt-testbed';

/** What guests have, apart from a kernel, 96 MiB, a network card and a console. */
export type GuestKind = 'without a disk' | 'with a root disk';

/** A request for such a guest. It boots Linux under emulation; nobody waits until it is up. */
export function guestRequest(kind: GuestKind, { kernelPath, initrdPath, commandLine }: GuestImage): CreateRequest {
  return {
    name: 'bench',
    flavor: { name: 'tiny', vcpus: 1, memoryMib: 96, rootDiskGib: kind === 'with a root disk' ? 1 : 0 },
    image: {
      id: 'image-1',
      name: 'tiny',
      location: { kernel: kernelPath, ramdisk: initrdPath, kernelCommandLine: commandLine },
    },
    networkInterfaces: [
      { type: 'user', id: '00000000-0000-4000-8000-000000000001', macAddress: '52:54:00:00:00:01', status: 'active' },
    ],
  };
}

import { randomUUID } from 'node:crypto';
import type { InstanceSpec, NetworkInterface } from '@virtkit/core/driver';

/** A small instance with one interface whose network is ready. */
export function instanceSpec(overrides: Partial<InstanceSpec> = {}): InstanceSpec {
  return {
    uuid: randomUUID(),
    name: 'web-1',
    projectId: 'project',
    userId: 'user',
    flavor: { name: 'small', vcpus: 1, memoryMib: 512, rootDiskGib: 1, extraSpecs: {} },
    image: {
      id: '00000000-0000-4000-8000-00000000c1a0',
      name: 'cirros',
      diskFormat: 'qcow2',
      minDiskGib: 0,
      minMemoryMib: 0,
      location: { disk: '/srv/images/cirros.qcow2' },
      properties: {},
    },
    networkInterfaces: [networkInterface()],
    blockDevices: [],
    metadata: {},
    ...overrides,
  };
}

export function networkInterface(overrides: { readonly status?: NetworkInterface['status'] } = {}): NetworkInterface {
  return { id: randomUUID(), type: 'user', macAddress: 'fa:16:3e:00:00:01', status: 'active', ...overrides };
}

import { randomUUID } from 'node:crypto';
import type { InstanceSpec } from '@virtkit/core/driver';

/** An instance without image files; whoever wants to boot it gives it some. */
export function instanceSpec(overrides: Partial<InstanceSpec> = {}): InstanceSpec {
  return {
    uuid: randomUUID(),
    name: 'web-1',
    projectId: 'project-1',
    userId: 'user-1',
    flavor: { name: 'small', vcpus: 1, memoryMib: 128, rootDiskGib: 0, extraSpecs: {} },
    image: {
      id: 'image-1',
      name: 'tiny',
      diskFormat: 'qcow2',
      minDiskGib: 0,
      minMemoryMib: 0,
      location: { disk: '/images/tiny.qcow2' },
      properties: {},
    },
    networkInterfaces: [],
    blockDevices: [],
    metadata: {},
    ...overrides,
  };
}

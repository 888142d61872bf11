import { MemoryStore } from '@virtkit/core';
import type { DriverDefinition, InstanceSpec } from '@virtkit/core/driver';
import { newInstance } from '@virtkit/core/store';
import { fakeDriver, FakeHypervisor, VirtualClock } from '@virtkit/driver-fake';
import { testEnvironment } from '@virtkit/driver-testkit';
import { tenant } from './fake-compute.js';
import { providedCompute, type ProvidedCompute } from './memory-providers.js';
import { instanceUuid } from './stories/story.js';

/** A running instance as a release has left it that knew no generations: neither the record nor the guest has one. */
export async function legacyInstance(): Promise<ProvidedCompute> {
  const clock = new VirtualClock();
  const hypervisor = new FakeHypervisor({ clock });
  const store = new MemoryStore({ now: () => clock.now() });
  const spec: InstanceSpec = {
    uuid: instanceUuid,
    name: 'web-1',
    projectId: tenant.projectId,
    userId: tenant.userId,
    flavor: { name: 'small', vcpus: 1, memoryMib: 128, rootDiskGib: 1, extraSpecs: {} },
    image: {
      id: 'image-1',
      name: 'debian',
      diskFormat: 'qcow2',
      minDiskGib: 0,
      minMemoryMib: 0,
      location: { disk: '/images/debian.qcow2' },
      properties: {},
    },
    networkInterfaces: [],
    blockDevices: [],
    metadata: {},
  };
  const driver = (fakeDriver as DriverDefinition).create({ hypervisor }, testEnvironment({ clock }));
  await driver.initHost({});
  await driver.spawn({ instance: spec });
  await driver.cleanupHost({});
  const record = newInstance({ ...spec, host: 'host-1', taskState: null, taskOwner: null }, clock.now());
  const patch = { vmState: 'active', powerState: 'RUNNING', launchedAtMs: clock.now() } as const;
  await store.commit([
    { write: 'create-instance', instance: record },
    { write: 'update-instance', uuid: instanceUuid, patch, guard: {} },
  ]);
  return await providedCompute({ clock, hypervisor, store });
}

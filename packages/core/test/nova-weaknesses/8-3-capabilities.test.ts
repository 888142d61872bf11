import { createCompute, silentLog, type AcceptedAction, type OperationName } from '@virtkit/core';
import {
  capabilityMethods,
  missingMethods,
  type Capability,
  type ComputeDriver,
  type DriverDefinition,
} from '@virtkit/core/driver';
import { fakeDriver, FakeHypervisor, VirtualClock } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { operations } from '../../src/model/operation-table.js';
import { driverCalls } from '../../src/guard/driver-call-table.js';
import { fakeCompute, tenant } from '../support/fake-compute.js';
import { hostWithout, unable } from '../support/incapable-driver.js';
import { volumeIds, type ProvidedCompute } from '../support/memory-providers.js';
import { instanceUuid } from '../support/running-instance.js';

// In more depth than the page, ../nova-weaknesses.test.ts, which says what each number is about.
// Every operation, and every ability of the simulator.

const everyCapability = Object.keys(capabilityMethods) as Capability[];

const requests: Partial<Record<OperationName, (fake: ProvidedCompute) => Promise<AcceptedAction>>> = {
  start: ({ compute: { api } }) => api.start(tenant, instanceUuid),
  stop: ({ compute: { api } }) => api.stop(tenant, instanceUuid),
  forceStop: ({ compute: { api } }) => api.forceStop(tenant, instanceUuid),
  softReboot: ({ compute: { api } }) => api.reboot(tenant, instanceUuid, 'SOFT'),
  hardReboot: ({ compute: { api } }) => api.reboot(tenant, instanceUuid, 'HARD'),
  pause: ({ compute: { api } }) => api.pause(tenant, instanceUuid),
  unpause: ({ compute: { api } }) => api.unpause(tenant, instanceUuid),
  suspend: ({ compute: { api } }) => api.suspend(tenant, instanceUuid),
  resume: ({ compute: { api } }) => api.resume(tenant, instanceUuid),
  softDelete: ({ compute: { api } }) => api.softDelete(tenant, instanceUuid),
  restore: ({ compute: { api } }) => api.restore(tenant, instanceUuid),
  rescue: ({ compute: { api } }) => api.repair.rescue(tenant, instanceUuid),
  unrescue: ({ compute: { api } }) => api.repair.unrescue(tenant, instanceUuid),
  snapshot: ({ compute: { api } }) => api.images.snapshot(tenant, instanceUuid, { name: 'yesterday' }),
  shelve: ({ compute: { api } }) => api.images.shelve(tenant, instanceUuid),
  attachVolume: ({ compute: { api } }) => api.volumes.attach(tenant, instanceUuid, { volumeId: volumeIds[0] }),
  attachInterface: ({ compute: { api } }) => api.interfaces.attach(tenant, instanceUuid),
  injectNetworkInfo: ({ compute: { api } }) => api.interfaces.injectNetworkInfo(tenant, instanceUuid),
  quiesce: ({ compute: { api } }) => api.guest.quiesce(tenant, instanceUuid),
  triggerCrashDump: ({ compute: { api } }) => api.guest.triggerCrashDump(tenant, instanceUuid),
};

describe('16. Unsupported is discovered after accept', () => {
  it.each(Object.keys(requests) as OperationName[])(
    '%s is refused with the reason, and nothing is written',
    async (name) => {
      const { capability } = operations[name];
      await using host = await hostWithout(capability ?? 'power');
      await expect(requests[name]?.(host)).rejects.toMatchObject(unable(capability ?? 'power'));
      expect([...host.store.units, ...host.hypervisor.journal.points()]).toEqual([]);
    },
  );
});

describe('17. Flags lie', () => {
  it('the simulator’s do not', async () => {
    const clock = new VirtualClock();
    const hypervisor = new FakeHypervisor({ clock });
    await using fake = await fakeCompute({ clock, hypervisor });
    let made: ComputeDriver | undefined;
    const watched: DriverDefinition = {
      ...(fakeDriver as DriverDefinition),
      create: (configuration, environment) =>
        (made = (fakeDriver as DriverDefinition).create(configuration, environment)),
    };
    const options = { host: 'host-2', clock, log: silentLog, drivers: [watched] };
    const other = await createCompute({ ...options, driver: { name: 'fake', configuration: { hypervisor } } });
    expect(made && missingMethods(made)).toEqual([]);
    expect(made && everyCapability.filter((each) => made?.capabilities[each] === true)).toEqual(everyCapability);
    await fake.settled(other.close());
  });

  it('every method of every ability has its row in the guard', () => {
    const methods = everyCapability.flatMap((capability) => Object.keys(capabilityMethods[capability]));
    expect(Object.keys(driverCalls)).toEqual(expect.arrayContaining(methods));
  });
});

import { createCompute, silentLog, type AcceptedAction, type OperationName } from '@virtkit/core';
import {
  capabilityMethods,
  missingMethods,
  type Capability,
  type ComputeDriver,
  type DriverCapabilities,
  type DriverDefinition,
} from '@virtkit/core/driver';
import { fakeDriver, FakeHypervisor, VirtualClock } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { operations } from '../../src/model/operation-table.js';
import { driverCalls } from '../../src/guard/driver-call-table.js';
import { createRequest, fakeCompute, tenant } from '../support/fake-compute.js';
import { FaultyStore } from '../support/faulty-store.js';
import { providedCompute, volumeIds, type ProvidedCompute } from '../support/memory-providers.js';
import { ended, instanceUuid } from '../support/running-instance.js';

const everyCapability = Object.keys(capabilityMethods) as Capability[];

/** A fake driver that declares only some of what it can do. */
function driverWith(declared: (all: DriverCapabilities) => DriverCapabilities): DriverDefinition {
  return {
    ...(fakeDriver as DriverDefinition),
    create(configuration, environment): ComputeDriver {
      const driver = (fakeDriver as DriverDefinition).create(configuration, environment);
      const capabilities = declared(driver.capabilities);
      return new Proxy(driver, {
        get: (target, key) => {
          const value: unknown = key === 'capabilities' ? capabilities : Reflect.get(target, key);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      });
    },
  };
}

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

// Nova: most operations have no flag; a cast is answered with 202, and what the driver does not do is a fault nobody sees.
// Ours: the driver's capabilities are asked in the gate, before anything is written.
describe('16. Unsupported is discovered after accept', () => {
  it.each(Object.keys(requests) as OperationName[])(
    '%s is refused with the reason, and nothing is written',
    async (name) => {
      const clock = new VirtualClock();
      const store = new FaultyStore();
      const fake = await providedCompute({ clock, store });
      await ended(fake, fake.compute.api.create(tenant, createRequest({ uuid: instanceUuid })));
      await fake.settled(fake.compute.close());
      const { capability } = operations[name];
      const because = { unsupportedBecause: 'this host is a teapot' };
      const compute = await createCompute({
        host: 'host-1',
        session: { takeOver: 'at-once' },
        clock,
        store,
        images: fake.images,
        networks: fake.networks,
        volumes: fake.volumes,
        log: silentLog,
        drivers: [driverWith((all) => ({ ...all, ...(capability && { [capability]: because }) }))],
        driver: { name: 'fake', configuration: { hypervisor: fake.hypervisor } },
      });
      const before = await store.getInstance(instanceUuid);
      store.arm();
      fake.hypervisor.journal.clear();

      await expect(requests[name]?.({ ...fake, compute })).rejects.toMatchObject({
        code: 'NOT_SUPPORTED',
        message: `${capability} is not supported here: this host is a teapot.`,
      });

      expect(await store.getInstance(instanceUuid)).toBe(before);
      expect(store.units).toEqual([]);
      expect(fake.hypervisor.journal.points()).toEqual([]);
      await fake.settled(compute.close());
    },
  );
});

// Nova: the fake driver claims an image cache without having one; the support matrix is kept by hand.
// Ours: what a driver declares is compared with what it has before it is used, and the matrix is made of the same table.
describe('17. Flags lie', () => {
  it.each(everyCapability)('%s is not believed of a driver that has no method of it', async (capability) => {
    const braggart = { capabilities: { [capability]: true } } as unknown as ComputeDriver;
    const drivers = [{ ...fakeDriver, create: () => braggart } as unknown as DriverDefinition];
    const started = createCompute({ drivers, driver: { name: 'fake' }, log: silentLog });
    const [method] = Object.keys(capabilityMethods[capability]);
    await expect(started).rejects.toMatchObject({
      code: 'DRIVER_INCOMPATIBLE',
      message: expect.stringContaining(`${capability}.${method}`) as string,
    });
  });

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

import { Compute, computeContainer, ComputeManager, MemoryStore, silentLog, tokens } from '@virtkit/core';
import type { ComputeDriver, DriverDefinition } from '@virtkit/core/driver';
import { fakeDriver } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { createRequest, tenant } from './support/fake-compute.js';

describe('the composition root', () => {
  it('makes each part once, and puts the driver in that configuration names', async () => {
    const other = { ...fakeDriver, name: 'other', create: () => Promise.reject(new Error('not chosen')) };
    const drivers = [other as unknown as DriverDefinition, fakeDriver];
    const container = await computeContainer({ drivers, driver: { name: 'fake' }, log: silentLog });
    const compute = await container.getAsync(Compute);
    expect(await container.getAsync(Compute)).toBe(compute);
    expect(await container.getAsync(ComputeManager)).toBe(compute.manager);
  });

  it('lets an embedder put a part of its own in the place of ours', async () => {
    const store = new MemoryStore();
    const access = { hostResources: 'everybody' } as const;
    const container = await computeContainer({
      drivers: [fakeDriver],
      driver: { name: 'fake' },
      access,
      log: silentLog,
    });
    container.rebind(tokens.store).toConstantValue(store);
    await using compute = await container.getAsync(Compute);
    await compute.start();
    const { finished, instance } = await compute.api.create(tenant, createRequest());
    expect(await finished).toMatchObject({ state: 'succeeded' });
    expect(await store.getInstance(instance.uuid)).toMatchObject({ vmState: 'active' });
  });
});

describe('an ability the driver does not have', () => {
  it('is refused with its reason before anything is written', async () => {
    // A fake driver that tells the truth about all it can do but pausing.
    const cannotPause: DriverDefinition = {
      ...(fakeDriver as DriverDefinition),
      create(configuration, environment): ComputeDriver {
        const driver = (fakeDriver as DriverDefinition).create(configuration, environment);
        const capabilities = { ...driver.capabilities, pause: { unsupportedBecause: 'containers cannot be paused' } };
        return new Proxy(driver, {
          get: (target, key) => {
            const value: unknown = key === 'capabilities' ? capabilities : Reflect.get(target, key);
            return typeof value === 'function' ? (value.bind(target) as unknown) : value;
          },
        });
      },
    };
    const store = new MemoryStore();
    const access = { hostResources: 'everybody' } as const;
    const options = { drivers: [cannotPause], driver: { name: 'fake' }, store, access, log: silentLog };
    await using compute = await (await computeContainer(options)).getAsync(Compute);
    await compute.start();
    const { finished, instance } = await compute.api.create(tenant, createRequest());
    await finished;
    const before = await store.getInstance(instance.uuid);

    await expect(compute.api.pause(tenant, instance.uuid)).rejects.toMatchObject({
      code: 'NOT_SUPPORTED',
      message: 'pause is not supported here: the driver of this host cannot do it.',
      httpStatus: 501,
    });
    await expect(compute.manager.pauseInstance(tenant, before)).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });

    expect(await store.getInstance(instance.uuid)).toBe(before);
    expect(await store.listActions(instance.uuid)).toHaveLength(1);
  });
});

import {
  Compute,
  computeContainer,
  InProcessPeers,
  MemoryStore,
  silentLog,
  systemClock,
  tokens,
  type AccessPolicy,
  type Clock,
  type HostPeers,
  type PlacementRequest,
} from '@virtkit/core';
import type { ComputeDriver, DriverDefinition } from '@virtkit/core/driver';
import type { ImageProvider } from '@virtkit/core/providers';
import { fakeDriver } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { createRequest, tenant } from './support/fake-compute.js';

const hostResources = { hostResources: 'everybody' } as const;
const options = { drivers: [fakeDriver], driver: { name: 'fake' }, access: hostResources, log: silentLog };

type Container = Awaited<ReturnType<typeof computeContainer>>;

/** Builds an instance by a manager made of the container. */
async function build(container: Container) {
  await using compute = await container.getAsync(Compute);
  await compute.start();
  const { finished, instance } = await compute.api.create(tenant, createRequest());
  return { ended: await finished, uuid: instance.uuid };
}

describe('the composition root', () => {
  it('makes one manager, with the driver that configuration names', async () => {
    const other = { ...fakeDriver, name: 'other', create: () => Promise.reject(new Error('not chosen')) };
    const drivers = [other as unknown as DriverDefinition, fakeDriver];
    const container = await computeContainer({ drivers, driver: { name: 'fake' }, log: silentLog });
    const compute = await container.getAsync(Compute);
    expect(await container.getAsync(Compute)).toBe(compute);
  });

  describe('puts an embedder’s own part in the place of ours:', () => {
    const rebound: { readonly [Port in keyof typeof tokens]: (container: Container) => Promise<void> } = {
      async configuration(container) {
        const configuration = container.get(tokens.configuration);
        container.rebind(tokens.configuration).toConstantValue({ ...configuration, host: 'elsewhere' });
        const store = container.get(tokens.store);
        const { uuid } = await build(container);
        expect(await store.getInstance(uuid)).toMatchObject({ host: 'elsewhere' });
      },
      async clock(container) {
        const clock: Clock = { ...systemClock, now: () => Date.UTC(2040, 0) };
        container.rebind(tokens.clock).toConstantValue(clock);
        const { ended } = await build(container);
        expect(ended).toMatchObject({ acceptedAtMs: Date.UTC(2040, 0) });
      },
      async log(container) {
        const messages: string[] = [];
        const note = (_: object, message: string): void => void messages.push(message);
        container.rebind(tokens.log).toConstantValue({ debug: note, info: note, warn: note, error: note });
        const named = container.get(tokens.driver);
        container.rebind(tokens.driver).toConstantValue((environment) => {
          environment.log.info({}, 'made');
          return named(environment);
        });
        await build(container);
        expect(messages).toContain('made');
      },
      async store(container) {
        const store = new MemoryStore();
        container.rebind(tokens.store).toConstantValue(store);
        const { uuid, ended } = await build(container);
        expect(ended).toMatchObject({ state: 'succeeded' });
        expect(await store.getInstance(uuid)).toMatchObject({ vmState: 'active' });
      },
      async driverDefinition(container) {
        const made: string[] = [];
        const definition: DriverDefinition = {
          ...(fakeDriver as DriverDefinition),
          create(configuration, environment) {
            made.push(environment.host);
            return (fakeDriver as DriverDefinition).create(configuration, environment);
          },
        };
        container.rebind(tokens.driverDefinition).toConstantValue(definition);
        await build(container);
        expect(made).toEqual(['localhost']);
      },
      async driver(container) {
        const hosts: string[] = [];
        const named = container.get(tokens.driver);
        container.rebind(tokens.driver).toConstantValue((environment) => {
          hosts.push(environment.host);
          return named(environment);
        });
        await build(container);
        expect(hosts).toEqual(['localhost']);
      },
      async providers(container) {
        const asked: string[] = [];
        const images = {
          leaderChanged: () => Promise.resolve(void asked.push('images')),
        } as unknown as ImageProvider;
        container.rebind(tokens.providers).toConstantValue({ images });
        await using compute = await container.getAsync(Compute);
        await compute.start();
        expect(asked).toEqual(['images']);
      },
      async peers(container) {
        const peers = new InProcessPeers();
        const joined: string[] = [];
        const watched: HostPeers = {
          at: (host, instanceUuid, leader) => peers.at(host, instanceUuid, leader),
          host: (host) => peers.host(host),
          join: (host, member) => {
            joined.push(host);
            return peers.join(host, member);
          },
        };
        container.rebind(tokens.peers).toConstantValue(watched);
        await build(container);
        expect(joined).toEqual(['localhost']);
      },
      async placement(container) {
        const asked: string[] = [];
        const choose = ({ operation, flavor }: PlacementRequest): Promise<string> => {
          asked.push(operation, flavor.name);
          return Promise.resolve('localhost');
        };
        container.rebind(tokens.placement).toConstantValue(() => ({ choose }));
        const { ended } = await build(container);
        expect(ended).toMatchObject({ state: 'succeeded' });
        expect(asked).toEqual(['build', createRequest().flavor.name]);
      },
      async accessPolicy(container) {
        const readOnly: AccessPolicy = { allows: (_context, right) => right !== 'change instances' };
        container.rebind(tokens.accessPolicy).toConstantValue(readOnly);
        await expect(build(container)).rejects.toMatchObject({ code: 'FORBIDDEN', details: { operation: 'build' } });
      },
    };

    it.each(Object.keys(tokens) as (keyof typeof tokens)[])('%s', async (port) => {
      await rebound[port](await computeContainer(options));
    });
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
    const container = await computeContainer({ ...options, drivers: [cannotPause], store });
    await using compute = await container.getAsync(Compute);
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

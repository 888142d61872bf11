import { ComputeError, createCompute, silentLog, type ComputeOptions } from '@virtkit/core';
import type { ComputeDriver, DriverDefinition } from '@virtkit/core/driver';
import { fake, fakeDriver } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { bareDriver, braggart } from './support/foreign-driver.js';

const options = (fields: Partial<ComputeOptions>): ComputeOptions => ({
  driver: { name: 'fake' },
  drivers: [fakeDriver],
  log: silentLog,
  ...fields,
});

describe('a driver that comes with its configuration', () => {
  it('needs no list of drivers, and may stand in one', async () => {
    for (const drivers of [undefined, [], [fakeDriver]]) {
      await using compute = await createCompute({ driver: fake(), ...(drivers && { drivers }), log: silentLog });
      expect(await compute.as({ projectId: 'acme', userId: 'ann' }).instances.list().toArray()).toEqual([]);
    }
  });
});

describe('a compute manager that cannot start', () => {
  it.each([
    [{ driver: { name: 'vmware' } }, { code: 'UNKNOWN_DRIVER', details: { driver: '"vmware"', accepted: ['fake'] } }],
    [{ driver: 7 as never }, { code: 'INVALID_CONFIGURATION', details: { field: 'driver', value: '7' } }],
    [{ driver: { ...fake(), config: {} } as never }, { details: { field: 'driver.config', value: 'an object' } }],
    [{ driver: { definition: null } as never }, { details: { field: 'driver.definition', value: 'null' } }],
    [{ driver: { definition: {} } as never }, { details: { field: 'driver.definition.name', value: 'missing' } }],
    [
      { driver: fake(), drivers: {} as never },
      { details: { field: 'drivers', accepted: 'a list of driver definitions' } },
    ],
    [
      { driver: fake({ latencyMs: 'soon' as never }) },
      { code: 'INVALID_CONFIGURATION', details: { field: 'driver.configuration.latencyMs', value: '"soon"' } },
    ],
    [
      { host: '' },
      { code: 'INVALID_CONFIGURATION', details: { field: 'host', value: '""', accepted: '1 to 255 characters' } },
    ],
    [
      { drainMs: -1 },
      {
        code: 'INVALID_CONFIGURATION',
        details: { field: 'drainMs', value: '-1', accepted: 'milliseconds, 1 or more' },
      },
    ],
    [
      { driver: { name: 'fake', configuration: { latencyMs: 'soon' } } },
      { code: 'INVALID_CONFIGURATION', details: { field: 'driver.configuration.latencyMs', value: '"soon"' } },
    ],
  ])('names the field, the value and what is accepted: %j', async (fields, error) => {
    await expect(createCompute(options(fields))).rejects.toMatchObject(error);
  });

  it.each([
    [
      'its operator facts',
      new ComputeError('HYPERVISOR_UNAVAILABLE', {}, { operator: { message: 'no socket at /run/x' } }),
    ],
    ['its cause', new ComputeError('HYPERVISOR_UNAVAILABLE', {}, { cause: new Error('no socket at /run/x') })],
  ])(
    'tells the operator who starts it the whole sentence, from %s, and tenants what they always read',
    async (_, failure) => {
      const create: DriverDefinition['create'] = (...args) =>
        Object.assign((fakeDriver as DriverDefinition).create(...args), { initHost: () => Promise.reject(failure) });
      const drivers = [{ ...fakeDriver, create } as unknown as DriverDefinition];
      const words = failure.toTenant().message;
      const told: ComputeError = await createCompute(options({ drivers })).then(
        () => expect.fail('it has started'),
        (reason: ComputeError) => reason,
      );
      expect(told.message).toBe(`${words} no socket at /run/x`);
      expect(told.stack).toContain('no socket at /run/x');
      expect(told.toTenant()).toEqual({ code: 'HYPERVISOR_UNAVAILABLE', message: words });
    },
  );

  it.each([
    [{ atLeast: '1.0', below: '2.0' }, 'it was built for the contract from 1.0 to below 2.0'],
    [{ atLeast: '3.0', below: '4.0' }, 'it was built for the contract from 3.0 to below 4.0'],
    [{ atLeast: 'one', below: '2.0' }, 'its contract range is one to 2.0'],
  ])('refuses a driver built for another contract: %j', async (contract, problem) => {
    const drivers = [{ ...fakeDriver, contract } as unknown as DriverDefinition];
    await expect(createCompute(options({ drivers }))).rejects.toMatchObject({
      code: 'DRIVER_INCOMPATIBLE',
      details: { driver: 'fake', problem },
    });
  });

  it('refuses a driver that claims an ability without having it', async () => {
    const drivers = [{ ...fakeDriver, ...braggart('pause') } as DriverDefinition];
    await expect(createCompute(options({ drivers }))).rejects.toMatchObject({
      code: 'DRIVER_INCOMPATIBLE',
      message: expect.stringContaining('pause.pause, pause.unpause') as string,
    });
  });

  it('leaves nothing connected when the hypervisor cannot be reached', async () => {
    const calls: string[] = [];
    const unreachable = bareDriver({
      initHost: () => Promise.reject(new Error('connect ENOENT /run/libvirt/libvirt-sock')),
      cleanupHost: () => Promise.resolve(void calls.push('cleanupHost')),
    });
    const drivers = [{ ...fakeDriver, create: () => unreachable } as unknown as DriverDefinition];
    await expect(createCompute(options({ drivers }))).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(calls).toEqual(['cleanupHost']);
  });
});

describe('a configuration with a field that nobody knows', () => {
  it.each([
    [{ sesion: {} }, 'sesion', 'session'],
    [{ session: { takeover: 'at-once' } }, 'session.takeover', 'takeOver'],
    [{ Drivers: [] }, 'Drivers', 'drivers'],
    [{ hostLife: { everyMs: { powersync: 1 } } }, 'hostLife.everyMs.powersync', 'powerSync'],
    [{ hostLife: { powerStatePolicy: { activ: {} } } }, 'hostLife.powerStatePolicy.activ', 'active'],
    [{ claims: { ratios: { cpus: 1 } } }, 'claims.ratios.cpus', 'vcpus'],
    [{ access: { hostResource: 'everybody' } }, 'access.hostResource', 'hostResources'],
    [{ driver: { name: 'fake', config: {} } }, 'driver.config', undefined],
  ])('is refused, and the nearest one named: %j', async (fields, field, nearest) => {
    const accepted = `no field of this name${nearest === undefined ? '' : `; the nearest is ${nearest}`}`;
    await expect(createCompute(options(fields as object))).rejects.toMatchObject({
      code: 'INVALID_CONFIGURATION',
      details: { field, accepted },
    });
  });

  it.each([undefined, null, 42, 'fake', []])('is no configuration at all: %o', async (whole) => {
    await expect(createCompute(whole as unknown as ComputeOptions)).rejects.toMatchObject({
      code: 'INVALID_CONFIGURATION',
    });
  });
});

describe('a driver that is none', () => {
  const failsWith = (reason: unknown): never => {
    throw reason;
  };
  const named = (name: unknown): DriverDefinition => ({ ...fakeDriver, name }) as unknown as DriverDefinition;

  it.each([
    ['namesakes', [fakeDriver, named('fake')], 'drivers[1].name', '"fake"'],
    ['an upper-case name', [named('Fake')], 'drivers[0].name', '"Fake"'],
    ['a name with a space', [named('fake 2')], 'drivers[0].name', '"fake 2"'],
    ['no name', [named(undefined)], 'drivers[0].name', 'missing'],
    ['no schema', [{ ...fakeDriver, configuration: {} }], 'drivers[0].configuration', 'an object'],
    ['no create', [{ ...fakeDriver, create: 'new' }], 'drivers[0].create', '"new"'],
    ['no list', fakeDriver, 'drivers', 'an object'],
  ])('is refused at the start, by name: %s', async (_case, drivers, field, value) => {
    const call = createCompute(options({ drivers: drivers as unknown as readonly DriverDefinition[] }));
    await expect(call).rejects.toMatchObject({ code: 'INVALID_CONFIGURATION', details: { field, value } });
  });

  const { inspect: _inspect, ...blind } = bareDriver();
  const { capabilities: _capabilities, destroy: _destroy, ...poor } = bareDriver();

  it.each([
    ['without inspect', () => blind, 'it has no inspect'],
    ['without capabilities and destroy', () => poor, 'it has no capabilities, destroy'],
    ['that is nothing', () => undefined, 'it has no capabilities, initHost'],
    ['whose create throws a plain error', () => Promise.reject(new Error('/usr/lib/libvirt.so')), 'its create failed'],
    ['whose create throws what is no error', () => failsWith('no such host'), 'its create failed'],
  ])('is refused at the start, by name: one %s', async (_case, create, problem) => {
    const drivers = [{ ...fakeDriver, create } as unknown as DriverDefinition];
    await expect(createCompute(options({ drivers }))).rejects.toMatchObject({
      code: 'DRIVER_INCOMPATIBLE',
      details: { driver: 'fake', problem: expect.stringContaining(problem) as string },
    });
  });

  it('may say by itself what is wrong with its configuration', async () => {
    const refusal = new ComputeError('INVALID_CONFIGURATION', { field: 'uri', value: '"x"', accepted: 'a URI' });
    const create = (): ComputeDriver => {
      throw refusal;
    };
    const drivers = [{ ...fakeDriver, create } as unknown as DriverDefinition];
    await expect(createCompute(options({ drivers }))).rejects.toBe(refusal);
  });
});

import { ComputeError, createCompute, silentLog, type ComputeOptions } from '@virtkit/core';
import type { ComputeDriver, DriverDefinition } from '@virtkit/core/driver';
import { fakeDriver } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';

const options = (fields: Partial<ComputeOptions>): ComputeOptions => ({
  driver: { name: 'fake' },
  drivers: [fakeDriver],
  log: silentLog,
  ...fields,
});

describe('a compute manager that cannot start', () => {
  it.each([
    [{ driver: { name: 'vmware' } }, { code: 'UNKNOWN_DRIVER', details: { driver: '"vmware"', accepted: ['fake'] } }],
    [{ driver: 7 as never }, { code: 'INVALID_CONFIGURATION', details: { field: 'driver', value: '7' } }],
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
    const braggart = { capabilities: { pause: true } } as ComputeDriver;
    const drivers = [{ ...fakeDriver, create: () => braggart } as unknown as DriverDefinition];
    await expect(createCompute(options({ drivers }))).rejects.toMatchObject({
      code: 'DRIVER_INCOMPATIBLE',
      message: expect.stringContaining('pause.pause, pause.unpause') as string,
    });
  });

  it('leaves nothing connected when the hypervisor cannot be reached', async () => {
    const calls: string[] = [];
    const unreachable = {
      capabilities: {},
      initHost: () => Promise.reject(new Error('connect ENOENT /run/libvirt/libvirt-sock')),
      cleanupHost: () => Promise.resolve(void calls.push('cleanupHost')),
    } as unknown as ComputeDriver;
    const drivers = [{ ...fakeDriver, create: () => unreachable } as unknown as DriverDefinition];
    await expect(createCompute(options({ drivers }))).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(calls).toEqual(['cleanupHost']);
  });
});

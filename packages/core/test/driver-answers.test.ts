import { ComputeError, type ComputeErrorCode, type DriverDefinition } from '@virtkit/core';
import type { ComputeDriver } from '@virtkit/core/driver';
import { fakeDriver } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { admin, createRequest, fakeCompute, tenant, type FakeCompute } from './support/fake-compute.js';

type Method = (...args: unknown[]) => Promise<unknown>;

/** The fake driver, of which some methods do something else once `lie` was called. */
async function lying(methods: Readonly<Record<string, Method>>) {
  let lies = false;
  const definition: DriverDefinition = {
    ...(fakeDriver as DriverDefinition),
    create: (configuration, environment) =>
      new Proxy((fakeDriver as DriverDefinition).create(configuration, environment), {
        get: (driver: ComputeDriver, name) => {
          const own: unknown = Reflect.get(driver, name);
          const other = lies && typeof name === 'string' && Object.hasOwn(methods, name) ? methods[name] : undefined;
          return other ?? (typeof own === 'function' ? (own.bind(driver) as unknown) : own);
        },
      }),
  };
  const fake = await fakeCompute({ definition });
  const { instance, finished } = await fake.settled(fake.compute.api.create(tenant, createRequest()));
  expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });
  lies = true;
  return { fake, uuid: instance.uuid };
}

async function deleted(fake: FakeCompute, uuid: string): Promise<void> {
  const { finished } = await fake.settled(fake.compute.api.delete(tenant, uuid));
  expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });
  expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState: 'deleted' });
}

const inspection = { guest: 'present', powerState: 'RUNNING', savedMemory: 'absent', belongings: [] };

describe('an answer of another shape than the contract’s', () => {
  it.each([
    ['inspect', {}],
    ['inspect', { ...inspection, powerState: 'ASLEEP' }],
    ['inspect', { ...inspection, powerState: 'toString' }],
    ['inspect', { ...inspection, belongings: 'none' }],
    ['inspect', null],
    ['getDiagnostics', { powerState: 'RUNNING' }],
    ['getDiagnostics', []],
    ['getConsoleOutput', 'text'],
    ['getVncConsole', { address: '127.0.0.1', port: 0 }],
    ['getVncConsole', { socketPath: 'relative' }],
    ['getSerialConsole', undefined],
  ])('is the driver’s fault, and told to the operator: %s %j', async (method, answer) => {
    const { fake, uuid } = await lying({ [method]: () => Promise.resolve(answer) });
    const { api, operator } = fake.compute;
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      inspect: () => operator.inspect(admin, uuid),
      getDiagnostics: () => api.diagnostics(admin, uuid),
      getConsoleOutput: () => api.getConsoleOutput(tenant, uuid),
      getVncConsole: () => api.consoles.create(tenant, uuid, 'vnc'),
      getSerialConsole: () => api.consoles.create(tenant, uuid, 'serial'),
    };
    await expect(fake.settled(Promise.resolve(calls[method]?.()))).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(fake.logLines.filter((line) => line.includes('driver answer refused'))).toHaveLength(1);
    await deleted(fake, uuid);
    await fake.settled(fake.compute.close());
  });

  it.each([{}, { powerState: 'ASLEEP' }, { powerState: 4 }, 'RUNNING', undefined])(
    'of getInfo and inspect never becomes a state on record: %j',
    async (answer) => {
      const { fake, uuid } = await lying({
        getInfo: () => Promise.resolve(answer),
        inspect: () => Promise.resolve(answer),
      });
      const { finished } = await fake.settled(fake.compute.api.reboot(tenant, uuid, 'HARD'));
      await fake.settled(finished);
      const { vmState, powerState } = await fake.store.getInstance(uuid);
      expect([vmState, powerState]).not.toContain(undefined);
      expect(['active', 'error']).toContain(vmState);
      await deleted(fake, uuid);
      await fake.settled(fake.compute.close());
    },
  );
});

const hostWords = '/srv/secret/disk on node-17';

describe('an error of a driver whose details say more than a tenant may read', () => {
  const wrong: readonly (readonly [ComputeErrorCode, object])[] = [
    ['GUEST_START_FAILED', { instanceUuid: 'x', reason: hostWords }],
    ['GUEST_START_FAILED', { instanceUuid: 'x', reason: 'toString' }],
    ['DEVICE_NOT_FOUND', { instanceUuid: 'x', device: hostWords }],
    ['IMAGE_UNACCEPTABLE', { imageId: 'image-1', reason: hostWords }],
    ['IMAGE_NOT_FOUND', { imageId: hostWords }],
    ['INSUFFICIENT_RESOURCES', { resource: hostWords }],
    ['INVALID_INPUT', { field: 'disk', value: `"${hostWords}"`, accepted: hostWords }],
    [
      'INSTANCE_INVALID_STATE',
      { instanceUuid: 'x', operation: 'pause', attribute: 'vm state', actual: '10.0.0.7', accepted: [hostWords] },
    ],
  ];

  it.each(wrong)('is INTERNAL to the tenant, and whole to the operator: %s %j', async (code, details) => {
    const error = new ComputeError(code, details);
    const { fake, uuid } = await lying({ pause: () => Promise.reject(error) });
    const { finished } = await fake.settled(fake.compute.api.pause(tenant, uuid));
    expect(await fake.settled(finished)).toMatchObject({ state: 'failed', failure: { code: 'INTERNAL' } });
    const told = JSON.stringify([
      await fake.compute.api.listFaults(tenant, uuid),
      await fake.compute.api.listActions(tenant, uuid),
    ]);
    expect(told).not.toMatch(/srv|node-17|10\.0\.0\.7/);
    const [fault] = await fake.compute.operator.listFaults(admin, uuid);
    expect(JSON.stringify(fault?.operator)).toContain(code);
    await fake.settled(fake.compute.close());
  });

  it.each([
    ['GUEST_OPERATION_FAILED', { instanceUuid: 'somebody-else', operation: `open ${hostWords}` }],
    ['OUTCOME_UNKNOWN', { operation: hostWords }],
    ['NOT_SUPPORTED', { capability: 'pause', reason: hostWords as never }],
    ['INVALID_INPUT', { field: 'uuid', value: '7', accepted: `a file in ${hostWords}` }],
    ['GUEST_START_FAILED', { instanceUuid: hostWords, reason: 'disk' }],
  ] as const)('says what the guard knows in the place of what it does not: %s %j', async (code, details) => {
    const error = new ComputeError(code, details);
    const { fake, uuid } = await lying({ pause: () => Promise.reject(error) });
    const { finished } = await fake.settled(fake.compute.api.pause(tenant, uuid));
    const { failure } = await fake.settled(finished);
    expect(failure?.message).not.toMatch(/srv|node-17|somebody/);
    expect(failure?.code).not.toBe('INTERNAL');
    await fake.settled(fake.compute.close());
  });

  it('is INTERNAL when its text or its code was changed', async () => {
    const renamed = Object.assign(new ComputeError('VIF_PLUG_FAILED', { instanceUuid: 'x' }), { code: 'EHOSTDOWN' });
    const { fake, uuid } = await lying({ pause: () => Promise.reject(renamed) });
    const { finished } = await fake.settled(fake.compute.api.pause(tenant, uuid));
    expect(await fake.settled(finished)).toMatchObject({ failure: { code: 'INTERNAL' } });
    await fake.settled(fake.compute.close());

    const reworded = new ComputeError('CONSOLE_UNAVAILABLE', { instanceUuid: 'x', console: 'serial' });
    reworded.message = hostWords;
    const other = await lying({ getConsoleOutput: () => Promise.reject(reworded) });
    await expect(other.fake.settled(other.fake.compute.api.getConsoleOutput(tenant, other.uuid))).rejects.toMatchObject(
      {
        code: 'CONSOLE_UNAVAILABLE',
        message: expect.not.stringContaining('srv') as string,
      },
    );
    await other.fake.settled(other.fake.compute.close());
  });
});

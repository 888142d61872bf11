import { inspect } from 'node:util';
import { causeOf, ComputeError, computeLog, type Instance, operatorFactsOf } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { admin, createRequest, fakeCompute, tenant, type FakeCompute } from './support/fake-compute.js';

const words = "Cannot access storage file '/srv/secret/disk' on node-17 (10.0.0.7)";

async function running(): Promise<{ readonly fake: FakeCompute; readonly instance: Instance }> {
  const fake = await fakeCompute();
  const { instance, finished } = await fake.settled(fake.compute.api.create(tenant, createRequest()));
  expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });
  return { fake, instance: await fake.store.getInstance(instance.uuid) };
}

/** Everything that ordinary code makes of an error, one text after the other. */
function seenOf(failure: unknown): string {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  computeLog({ destination }).info({ failedWith: failure }, 'as a field');
  const shown = [inspect(failure), inspect(failure, { depth: null, showHidden: false }), JSON.stringify(failure)];
  const { name, message, stack, cause } = structuredClone(failure) as Error;
  return [...shown, name, message, stack, inspect(cause), String(failure), ...lines].join('\n');
}

describe('an error that the public API throws', () => {
  const failures: readonly (readonly [string, unknown])[] = [
    ['a plain error', new Error(words)],
    ['a plain error with causes', new Error('failed', { cause: new Error(words, { cause: words }) })],
    [
      'an error of the table',
      new ComputeError(
        'GUEST_OPERATION_FAILED',
        { instanceUuid: 'x', operation: 'read the console of' },
        { cause: new Error(words), operator: { message: words } },
      ),
    ],
    ['words', words],
  ];

  it.each(failures)('shows nothing of its host, however it is printed or cloned: %s', async (_what, error) => {
    const { fake, instance } = await running();
    fake.hypervisor.faults.add({ at: 'getConsoleOutput', fault: { type: 'throw', error } });
    const failure: unknown = await fake.settled(fake.compute.api.getConsoleOutput(tenant, instance.uuid)).then(
      () => expect.fail('it has answered'),
      (reason: unknown) => reason,
    );
    expect(failure).toBeInstanceOf(ComputeError);
    const seen = seenOf(failure);
    expect(seen).not.toMatch(/srv|node-17|10\.0\.0\.7/);
    // The operator finds it all.
    const told = inspect([causeOf(failure), operatorFactsOf(failure)], { depth: null });
    expect(told).toContain('node-17');
    await fake.settled(fake.compute.close());
  });

  it('is INTERNAL when a part that was put in throws something else, and the same to operators', async () => {
    const { fake, instance } = await running();
    fake.hypervisor.faults.add({ at: 'inspect', times: 9, fault: { type: 'throw', error: new TypeError(words) } });
    const failure: unknown = await fake.settled(fake.compute.operator.inspect(admin, instance.uuid)).then(
      () => expect.fail('it has answered'),
      (reason: unknown) => reason,
    );
    expect(failure).toMatchObject({ code: 'INTERNAL' });
    expect(seenOf(failure)).not.toMatch(/srv|node-17/);
    expect(causeOf(failure)).toMatchObject({ message: words });
    await fake.settled(fake.compute.close());
  });
});

describe('a request that is refused', () => {
  it('is no alarm: no exception is notified, and no error is logged', async () => {
    const { fake, instance } = await running();
    const { api } = fake.compute;
    await fake.settled((await fake.settled(api.stop(tenant, instance.uuid))).finished);
    const alarms = async (): Promise<readonly unknown[]> => [
      ...(await fake.store.listNotifications({ afterSequence: 0, countMax: 1_000 })).filter(
        ({ priority }) => priority === 'ERROR',
      ),
      ...fake.logLines.filter((line) => (JSON.parse(line) as { level: number }).level >= 50),
    ];
    const written = await fake.store.listNotifications({ afterSequence: 0, countMax: 1_000 });
    await expect(fake.settled(api.consoles.create(tenant, instance.uuid, 'vnc'))).rejects.toMatchObject({
      code: 'CONSOLE_UNAVAILABLE',
    });
    await expect(fake.settled(api.pause(tenant, instance.uuid))).rejects.toMatchObject({
      code: 'INSTANCE_INVALID_STATE',
    });
    await expect(fake.settled(api.get(tenant, '11111111-2222-4333-8444-000000000000'))).rejects.toMatchObject({
      code: 'INSTANCE_NOT_FOUND',
    });
    expect(await alarms()).toEqual([]);
    expect(await fake.store.listNotifications({ afterSequence: 0, countMax: 1_000 })).toEqual(written);
    await fake.settled(fake.compute.close());
  });
});

describe('an accepted action that fails', () => {
  /** The notifications of the build that has failed, and the lines of the log from warnings up. */
  async function buildThatFails(
    fake: FakeCompute,
    error: unknown,
    at: 'createDisk' | 'start' = 'createDisk',
  ): Promise<readonly [string[], unknown[]]> {
    fake.hypervisor.faults.add({ at, fault: { type: 'throw', error } });
    const { finished, action } = await fake.settled(fake.compute.api.create(tenant, createRequest()));
    expect(await fake.settled(finished)).toMatchObject({ state: 'failed' });
    const faults = await fake.store.listFaults(action.instanceUuid);
    expect(faults.filter(({ actionUuid }) => actionUuid === action.uuid)).toHaveLength(1);
    expect(await fake.store.listEvents(action.uuid)).toMatchObject([{ result: 'Error' }]);
    const told = await fake.store.listNotifications({
      afterSequence: 0,
      instanceUuid: action.instanceUuid,
      countMax: 100,
    });
    const lines = fake.logLines.map((line) => JSON.parse(line) as { readonly level: number; readonly err?: unknown });
    return [told.map(({ eventType }) => eventType), lines.filter(({ level, err }) => level >= 50 || err !== undefined)];
  }

  it.each([
    new ComputeError('FLAVOR_TOO_SMALL', { resource: 'disk', requiredMib: 4_096, offeredMib: 1_024 }),
    new ComputeError('IMAGE_UNACCEPTABLE', { imageId: 'image-1', reason: 'damaged' }),
    new ComputeError('QUEUE_FULL', { operation: 'spawn', pendingMax: 8 }, { cause: new Error(words) }),
  ])('by its caller’s fault is no alarm: $code', async (error) => {
    await using fake = await fakeCompute();
    const [told, alarms] = await buildThatFails(fake, error);
    expect(told).toEqual(['instance.create.start', 'instance.create.error']);
    expect(alarms).toEqual([]);
    expect(fake.logLines.filter((line) => line.includes('action failed by its request'))).toHaveLength(1);
  });

  it.each([
    new ComputeError('INSUFFICIENT_RESOURCES', { resource: 'disk' }),
    new ComputeError(
      'NOT_SUPPORTED',
      { capability: 'pause', reason: 'this guest cannot do it' },
      { effect: 'unknown' },
    ),
    new Error(words),
  ])('by anybody else’s is one: %s', async (error) => {
    await using fake = await fakeCompute();
    const isCallers = error instanceof ComputeError && error.code === 'NOT_SUPPORTED';
    // The caller is at fault, and then the host cannot be cleaned up.
    const faults = isCallers ? (['undefine', 'removeDisk'] as const) : [];
    for (const at of faults)
      fake.hypervisor.faults.add({ at, times: 9, fault: { type: 'throw', error: new Error(words) } });
    const [told, alarms] = await buildThatFails(fake, error, isCallers ? 'start' : 'createDisk');
    expect(told.filter((each) => each === 'compute.exception')).toHaveLength(1);
    expect(alarms).not.toEqual([]);
  });

  it('because its caller cancels it is no alarm', async () => {
    const { fake, instance } = await running();
    fake.hypervisor.faults.add({ at: 'pause', fault: { type: 'hang', until: 'abort' } });
    const { action, finished } = await fake.settled(fake.compute.api.pause(tenant, instance.uuid));
    await fake.settled(fake.compute.api.cancel(tenant, action.uuid));
    expect(await fake.settled(finished)).toMatchObject({ state: 'cancelled', failure: { code: 'ABORTED' } });
    const told = await fake.store.listNotifications({ afterSequence: 0, countMax: 1_000 });
    expect(told.map(({ eventType }) => eventType)).not.toContain('compute.exception');
    await fake.settled(fake.compute.close());
  });
});

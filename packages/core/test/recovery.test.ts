import { ComputeError, MemoryStore, type CreateRequest } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { brokenBelongings } from './support/belongings-promises.js';
import { driverWith } from './support/driver-with.js';
import { admin, createRequest, fakeCompute, tenant, type FakeCompute } from './support/fake-compute.js';
import { imageId, providedCompute, volumeIds, type ProvidedCompute } from './support/memory-providers.js';
import { runningInstance } from './support/running-instance.js';

const instanceUuid = '11111111-2222-4333-8444-555555555555';

type DyingOperation =
  'hardReboot' | 'softReboot' | 'terminate' | 'stop' | 'start' | 'pause' | 'unpause' | 'suspend' | 'resume';

/** A host with a running instance, whose process then dies in the middle of an operation, at a step of the hypervisor. */
async function diedDuring(
  operation: DyingOperation,
  at: 'start' | 'stop' | 'askToStop' | 'plugVif' | 'pauseCpus' | 'saveMemory',
  when: 'before' | 'after',
  before: readonly DyingOperation[] = [],
): Promise<FakeCompute> {
  const fake = await fakeCompute();
  const { api } = fake.compute;
  const act = async (name: DyingOperation | 'build') => {
    if (name === 'build') return await api.create(tenant, createRequest({ uuid: instanceUuid }));
    if (name === 'hardReboot') return await api.reboot(tenant, instanceUuid, 'HARD');
    if (name === 'softReboot') return await api.reboot(tenant, instanceUuid, 'SOFT');
    if (name === 'terminate') return await api.delete(tenant, instanceUuid);
    if (name === 'stop') return await api.stop(tenant, instanceUuid, { gracePeriodMs: 0 });
    return await api[name](tenant, instanceUuid);
  };
  for (const name of ['build' as const, ...before]) await fake.settled((await act(name)).finished);
  const died = Promise.withResolvers<void>();
  fake.hypervisor.faults.add({ at, fault: { type: 'die', die: died.resolve, when } });
  await act(operation);
  await fake.settled(died.promise);
  fake.hypervisor.faults.clear();
  return fake;
}

describe('a manager that starts where another has died', () => {
  it.each([
    { operation: 'hardReboot', at: 'stop', when: 'before', vmState: 'active' },
    { operation: 'hardReboot', at: 'stop', when: 'after', vmState: 'active' },
    { operation: 'hardReboot', at: 'plugVif', when: 'after', vmState: 'active' },
    { operation: 'hardReboot', at: 'start', when: 'before', vmState: 'active' },
    { operation: 'hardReboot', at: 'start', when: 'after', vmState: 'active' },
    { operation: 'stop', at: 'stop', when: 'before', vmState: 'stopped' },
    { operation: 'stop', at: 'stop', when: 'after', vmState: 'stopped' },
    { operation: 'pause', at: 'pauseCpus', when: 'before', vmState: 'paused' },
    { operation: 'pause', at: 'pauseCpus', when: 'after', vmState: 'paused' },
    { operation: 'suspend', at: 'saveMemory', when: 'before', vmState: 'suspended' },
    { operation: 'suspend', at: 'saveMemory', when: 'after', vmState: 'suspended' },
    { operation: 'terminate', at: 'stop', when: 'before', vmState: 'deleted' },
    { operation: 'terminate', at: 'stop', when: 'after', vmState: 'deleted' },
  ] as const)('brings a $operation that died $when $at to its goal', async ({ operation, at, when, vmState }) => {
    const dead = await diedDuring(operation, at, when);

    await using fake = await dead.restarted();

    const instance = await fake.store.getInstance(instanceUuid);
    expect(instance).toMatchObject({ vmState, taskState: null, taskOwner: null });
    const [action] = await fake.store.listActions(instanceUuid);
    expect(action).toMatchObject({ state: 'succeeded', failure: null });
    const events = await fake.store.listEvents(action?.uuid ?? '');
    expect(events.every(({ finishedAtMs }) => finishedAtMs !== null)).toBe(true);
  });

  it.each(['hardReboot', 'softReboot'] as const)(
    'believes no %s of a guest that runs: it does it again',
    async (name) => {
      const dead = await diedDuring(name, name === 'hardReboot' ? 'stop' : 'askToStop', 'before');
      const { life } = dead.hypervisor.look(instanceUuid).guest ?? {};

      await using fake = await dead.restarted();

      expect(fake.hypervisor.look(instanceUuid).guest).toMatchObject({ state: 'running' });
      expect(fake.hypervisor.look(instanceUuid).guest?.life).not.toBe(life);
      expect(await fake.store.listActions(instanceUuid)).toMatchObject([{ state: 'succeeded' }, {}]);
    },
  );

  it('gives an interrupted build up, tells why, and leaves the rest to a delete', async () => {
    const fake = await fakeCompute();
    const died = Promise.withResolvers<void>();
    fake.hypervisor.faults.add({ at: 'define', fault: { type: 'die', die: died.resolve, when: 'after' } });
    const accepted = await fake.settled(fake.compute.api.create(tenant, createRequest({ uuid: instanceUuid })));
    await fake.settled(died.promise);

    await using next = await fake.restarted();

    expect(await next.compute.api.get(tenant, instanceUuid)).toMatchObject({ vmState: 'error', taskState: null });
    expect(await next.compute.api.listFaults(tenant, instanceUuid)).toMatchObject([{ code: 'INTERRUPTED' }]);
    expect(await next.store.getAction(accepted.action.uuid)).toMatchObject({ state: 'failed' });
    const deleted = await next.settled(next.compute.api.delete(tenant, instanceUuid));
    expect(await next.settled(deleted.finished)).toMatchObject({ state: 'succeeded' });
    expect(next.hypervisor.look(instanceUuid)).toMatchObject({ guest: undefined, disks: [], vifs: [] });
  });

  it('sets aside an instance the hypervisor cannot speak of, and starts all the same', async () => {
    const dead = await diedDuring('hardReboot', 'start', 'before');
    const outage = new ComputeError('HYPERVISOR_UNAVAILABLE', {});
    dead.hypervisor.faults.add({ at: 'inspect', times: 3, fault: { type: 'throw', error: outage } });

    await using fake = await dead.restarted({ wait: 'for none' });

    await expect(fake.settled(fake.compute.api.reboot(tenant, instanceUuid, 'HARD'))).rejects.toMatchObject({
      code: 'INSTANCE_INVALID_STATE',
    });
    await fake.clock.advance(60_000);
    expect(await fake.compute.api.get(tenant, instanceUuid)).toMatchObject({ taskState: null });
    const repaired = await fake.settled(fake.compute.api.reboot(tenant, instanceUuid, 'HARD'));
    expect(await fake.settled(repaired.finished)).toMatchObject({ state: 'succeeded' });
  });

  it('leaves instances alone that nothing was being done to', async () => {
    await using fake = await fakeCompute();
    const created = await fake.settled(fake.compute.api.create(tenant, createRequest({ uuid: instanceUuid })));
    await fake.settled(created.finished);
    fake.hypervisor.journal.clear();

    await using next = await fake.restarted();

    expect(next.hypervisor.journal.points()).toEqual([]);
    expect(await next.compute.operator.getInstance(admin, instanceUuid)).toMatchObject({ vmState: 'active' });
  });
});

describe('a build whose process died', () => {
  const volume = { volumes: [{ volumeId: volumeIds[0] }] };
  const network = { networks: [{}] };

  it.each<readonly [string, Partial<CreateRequest>]>([
    ['with an interface that is described', {}],
    ['with a volume', volume],
    ['with an interface of a network', { networkInterfaces: undefined, ...network }],
  ])('is finished when its very guest runs: one %s', async (_, fields) => {
    const dead = await diedBuilding('start', 'after', fields);
    await using fake = await dead.restarted();
    const [action] = await fake.store.listActions(instanceUuid);
    expect(action).toMatchObject({ state: 'succeeded', failure: null });
    const record = await fake.store.getInstance(instanceUuid);
    expect(record).toMatchObject({
      vmState: 'active',
      powerState: 'RUNNING',
      taskState: null,
      generation: action?.uuid,
    });
    expect(record.launchedAtMs).toBeTypeOf('number');
    expect(await fake.store.listFaults(instanceUuid)).toEqual([]);
  });

  it.each([
    ['define', 'before'],
    ['define', 'after'],
    ['start', 'before'],
  ] as const)('ends as failed when its guest does not run: it died %s, %s', async (at, when) => {
    const dead = await diedBuilding(at, when, {});
    await using fake = await dead.restarted();
    const [action] = await fake.store.listActions(instanceUuid);
    expect(action).toMatchObject({ state: 'failed', failure: { code: 'INTERRUPTED' } });
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'error', launchedAtMs: null });
  });

  it.each(['networks.allocate', 'volumes.reserve', 'volumes.connect', 'define'] as const)(
    'has on record what its providers say it has: it died after %s',
    async (at) => {
      const dead = await diedBuilding(at, 'after', { networkInterfaces: undefined, ...network, ...volume });
      await using next = await dead.restarted();
      expect(await next.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'error', taskState: null });
      expect(await brokenBelongings(dead, instanceUuid)).toEqual([]);
      const deleted = await next.settled(next.compute.api.delete(tenant, instanceUuid));
      expect(await next.settled(deleted.finished)).toMatchObject({ state: 'succeeded' });
      expect(await brokenBelongings(dead, instanceUuid)).toEqual([]);
    },
  );

  it.each<readonly [string, 'createDisk' | 'define', 'before' | 'after', Partial<CreateRequest>]>([
    ['createDisk', 'createDisk', 'after', {}],
    ['define', 'define', 'before', {}],
    ['define, with a volume', 'define', 'before', volume],
    ['define, with an interface of a network', 'define', 'before', { networkInterfaces: undefined, ...network }],
  ])('leaves no disks behind for a guest that was never made: it died at %s', async (_, at, when, fields) => {
    const dead = await diedBuilding(at, when, fields);
    expect(dead.hypervisor.look(instanceUuid).disks).not.toEqual([]);
    await using fake = await dead.restarted();
    const [action] = await fake.store.listActions(instanceUuid);
    expect(action).toMatchObject({ state: 'failed', failure: { code: 'INTERRUPTED' } });
    expect(fake.hypervisor.look(instanceUuid)).toMatchObject({ guest: undefined, disks: [], vifs: [] });
    expect(await brokenBelongings(dead, instanceUuid)).toEqual([]);
  });

  it('ends as failed when the guest that runs is of another generation', async () => {
    const first = await diedBuilding('start', 'after', {});
    const store = new MemoryStore({ now: () => first.clock.now() });
    const second = await providedCompute({ clock: first.clock, hypervisor: first.hypervisor, store });
    const died = Promise.withResolvers<void>();
    second.hypervisor.faults.add({ at: 'spawn', fault: { type: 'die', die: died.resolve, when: 'before' } });
    await second.compute.api.create(tenant, createRequest({ uuid: instanceUuid }));
    await second.settled(died.promise);
    second.hypervisor.faults.clear();
    await using fake = await second.restarted();
    expect((await fake.store.listActions(instanceUuid))[0]).toMatchObject({ state: 'failed' });
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'error', powerState: 'NOSTATE' });
    expect(fake.hypervisor.look(instanceUuid).guest?.state).toBe('running');
  });
});

it('a rebuild by destroy and spawn whose process died is finished when its very guest runs', async () => {
  const definition = driverWith((all) => ({ ...all, rebuild: { unsupportedBecause: 'of this test' } }));
  const dead = await runningInstance({ definition });
  const died = Promise.withResolvers<void>();
  dead.hypervisor.faults.add({ at: 'start', fault: { type: 'die', die: died.resolve, when: 'after' } });
  const { action } = await dead.compute.api.repair.rebuild(tenant, instanceUuid, { imageId });
  await dead.settled(died.promise);
  dead.hypervisor.faults.clear();
  await using fake = await dead.restarted();
  expect(await fake.store.getAction(action.uuid)).toMatchObject({ state: 'succeeded' });
  expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'active', image: { id: imageId } });
});

/** A host whose process dies in the middle of a build, at a step of the hypervisor. */
async function diedBuilding(
  at: 'createDisk' | 'define' | 'start' | 'networks.allocate' | 'volumes.reserve' | 'volumes.connect',
  when: 'before' | 'after',
  fields: Partial<CreateRequest>,
): Promise<ProvidedCompute> {
  const fake = await providedCompute();
  const died = Promise.withResolvers<void>();
  const fault = { type: 'die', die: died.resolve, when } as const;
  if (at === 'createDisk' || at === 'define' || at === 'start') fake.hypervisor.faults.add({ at, fault });
  else fake.providerFaults.add({ at, fault });
  await fake.compute.api.create(tenant, createRequest({ uuid: instanceUuid, ...fields }));
  await fake.settled(died.promise);
  fake.hypervisor.faults.clear();
  return fake;
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createCompute,
  MemoryStore,
  systemClock,
  type AcceptedAction,
  type Clock,
  type ComputeApi,
  type ComputeStore,
} from '@virtkit/core';
import { fakeDriver, FakeHypervisor, VirtualClock } from '@virtkit/driver-fake';
import { openSqliteStore } from '@virtkit/store-sql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { builtInstance } from './support/built-instance.js';
import { admin, createRequest, fakeCompute, quietLife, tenant, type FakeCompute } from './support/fake-compute.js';

const sweeping = { everyMs: { ...quietLife.everyMs, actionSweep: 1_000, deadHostSweep: 5_000 } } as const;

interface Orphaned {
  readonly gamma: FakeCompute;
  readonly instanceUuid: string;
  readonly actionUuids: readonly string[];
  /** Has a manager start on the host that was dead. */
  readonly alphaReturns: () => Promise<FakeCompute>;
}

/**
 * Beta has submitted actions for alpha, which was dead before it read its queue; then beta died as well. Gamma alone lives, and has heard of
 * nothing.
 */
async function orphaned(
  ...asked: readonly ((api: ComputeApi, uuid: string) => Promise<AcceptedAction>)[]
): Promise<Orphaned> {
  const clock = new VirtualClock();
  const store = new MemoryStore({ now: () => clock.now() });
  const hypervisor = new FakeHypervisor({ clock });
  const alpha = await fakeCompute({ clock, store, hypervisor, host: 'alpha' });
  const beta = await fakeCompute({ clock, store, host: 'beta' });
  const gamma = await fakeCompute({ clock, store, host: 'gamma', hostLife: sweeping });
  onTestFinished(() => gamma[Symbol.asyncDispose]());
  const { uuid: instanceUuid } = await builtInstance(alpha);
  const actionUuids: string[] = [];
  for (const ask of asked) actionUuids.push((await beta.settled(ask(beta.compute.api, instanceUuid))).action.uuid);
  await alpha.settled(alpha.compute.close());
  await beta.settled(beta.compute.close());
  for (const uuid of actionUuids) expect(await store.getAction(uuid)).toMatchObject({ state: 'queued', host: 'alpha' });
  const alphaReturns = async (): Promise<FakeCompute> => {
    const returned = await fakeCompute({ clock, store, hypervisor, host: 'alpha', hostLife: sweeping });
    onTestFinished(() => returned[Symbol.asyncDispose]());
    return returned;
  };
  return { gamma, instanceUuid, actionUuids, alphaReturns };
}

const { record, action, faults } = {
  record: ({ gamma, instanceUuid }: Orphaned) => gamma.store.getInstance(instanceUuid),
  action: ({ gamma, actionUuids }: Orphaned, nth = 0) => gamma.store.getAction(actionUuids[nth] ?? ''),
  faults: ({ gamma, instanceUuid }: Orphaned) => gamma.store.listFaults(instanceUuid),
};

describe('where the manager that submitted an action for a dead host has died too, a third one', () => {
  it.each([
    ['stop', (api, uuid) => api.stop(tenant, uuid, { deadlineMs: 30_000 })],
    ['hard reboot', (api, uuid) => api.reboot(tenant, uuid, 'HARD', { deadlineMs: 30_000 })],
    ['delete', (api, uuid) => api.delete(tenant, uuid, { deadlineMs: 30_000 })],
  ] as [string, (api: ComputeApi, uuid: string) => Promise<AcceptedAction>][])(
    'ends a queued %s at its deadline, and not before, and the host does not begin it when it is back',
    async (_name, ask) => {
      const left = await orphaned(ask);
      await left.gamma.clock.advance(20_000);
      expect(await action(left)).toMatchObject({ state: 'queued' });
      await left.gamma.clock.advance(20_000);
      expect(await action(left)).toMatchObject({ state: 'failed', failure: { code: 'DEADLINE_EXCEEDED' } });
      expect(await record(left)).toMatchObject({ vmState: 'active', taskState: null, taskOwner: null });
      expect(await faults(left)).toMatchObject([{ code: 'DEADLINE_EXCEEDED' }]);
      const alpha = await left.alphaReturns();
      await alpha.clock.advance(60_000);
      expect(await action(left)).toMatchObject({ state: 'failed' });
      expect(await record(left)).toMatchObject({ vmState: 'active', powerState: 'RUNNING' });
    },
  );

  it('ends a preempted one at its deadline, and leaves the delete that preempted it to its host', async () => {
    const left = await orphaned(
      (api, uuid) => api.stop(tenant, uuid, { deadlineMs: 10_000 }),
      (api, uuid) => api.delete(tenant, uuid),
    );
    await left.gamma.clock.advance(20_000);
    expect(await action(left, 0)).toMatchObject({ state: 'cancelled', failure: { code: 'INTERRUPTED' } });
    expect(await action(left, 1)).toMatchObject({ state: 'queued' });
    expect(await record(left)).toMatchObject({ taskState: 'deleting' });
    const alpha = await left.alphaReturns();
    await alpha.clock.advance(60_000);
    expect(await record(left)).toMatchObject({ vmState: 'deleted' });
  });

  it('carries out a cancel that was recorded while the host still had its lease', async () => {
    const left = await orphaned((api, uuid) => api.stop(tenant, uuid));
    const { store, clock } = left.gamma;
    const [uuid = ''] = left.actionUuids;
    const patch = { cancelRequestedAtMs: clock.now() };
    await store.commit([{ write: 'update-action', uuid, patch, guard: {} }]);
    await clock.advance(10_000);
    expect(await action(left)).toMatchObject({ state: 'cancelled', failure: { code: 'ABORTED' } });
    expect(await record(left)).toMatchObject({ vmState: 'active', taskState: null });
  });

  it('leaves an action alone that has no deadline and that nobody cancels', async () => {
    const left = await orphaned((api, uuid) => api.stop(tenant, uuid));
    await left.gamma.clock.advance(3_600_000);
    expect(await action(left)).toMatchObject({ state: 'queued' });
  });

  it('leaves the deadline to a host whose lease lasts', async () => {
    const left = await orphaned((api, uuid) => api.stop(tenant, uuid, { deadlineMs: 30_000 }));
    const { store, clock } = left.gamma;
    await store.openSession({ host: 'alpha', holder: 'slow', leaseMs: 90_000, takeOver: 'when-expired' });
    await clock.advance(60_000);
    expect(await action(left)).toMatchObject({ state: 'queued' });
    await clock.advance(60_000);
    expect(await action(left)).toMatchObject({ state: 'failed', failure: { code: 'DEADLINE_EXCEEDED' } });
  });

  it('does the same on SQLite', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'vk-dead-host-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const store = await openSqliteStore({ path: join(directory, 'records.db') });
    onTestFinished(() => store.close());
    const [alpha, beta] = [await managerOn(store, 'alpha'), await managerOn(store, 'beta')];
    const built = await alpha.api.create(tenant, createRequest());
    expect(await built.finished).toMatchObject({ state: 'succeeded' });
    const { action: stop } = await beta.api.stop(tenant, built.instance.uuid, { deadlineMs: 200 });
    await alpha.close();
    await beta.close();
    const gamma = await managerOn(store, 'gamma', 20);
    await expect
      .poll(async () => (await gamma.api.getAction(admin, stop.uuid)).state, { timeout: 20_000 })
      .toBe('failed');
    expect(await store.getInstance(built.instance.uuid)).toMatchObject({ vmState: 'active', taskState: null });
  });
});

/** The disk answers in its own time, so time passes by itself here. */
async function managerOn(store: ComputeStore, host: string, deadHostSweep = 0) {
  const clock: Clock = systemClock;
  const compute = await createCompute({
    host,
    access: { hostResources: 'everybody' },
    hostLife: { everyMs: { ...quietLife.everyMs, deadHostSweep } },
    clock,
    store,
    drivers: [fakeDriver],
    driver: { name: 'fake', configuration: { hypervisor: new FakeHypervisor({ clock }) } },
  });
  onTestFinished(() => compute.close());
  return compute;
}

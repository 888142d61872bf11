import { ComputeError, type OperationName, type TaskState } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { operationNames, operations } from '../../src/model/operation-table.js';
import { admin, createRequest, fakeCompute, tenant, type FakeCompute } from '../support/fake-compute.js';
import { imageId, volumeIds } from '../support/memory-providers.js';
import { RefusingStore } from '../support/refusing-store.js';
import { ended, instanceUuid, ownerContext, runningInstance, toldOf } from '../support/running-instance.js';

/** What the operations are asked beside the instance, where there is anything. */
const parameters: Partial<Record<OperationName, Record<string, string>>> = {
  rebuild: { imageId },
  snapshot: { name: 'yesterday', quiesce: 'never' },
  backup: { name: 'sunday', quiesce: 'never', backupType: 'weekly' },
  attachVolume: { volumeId: volumeIds[0], bus: 'virtio' },
  detachVolume: { volumeId: volumeIds[0] },
  detachInterface: { interfaceId: '00000000-0000-4000-8000-000000000001' },
  liveMigrate: { host: 'host-2' },
};

/** A record as a process leaves it that dies in the middle of an operation, in one of its task states. */
async function leaveAt(fake: FakeCompute, operation: OperationName, taskState: TaskState): Promise<string> {
  const [done] = await fake.store.listActions(instanceUuid);
  if (!done) throw new Error('nothing was done to the instance yet');
  const { action: name, vmStates } = operations[operation];
  const uuid = '22222222-2222-4222-8222-222222222222';
  const started = { state: 'running', finishedAtMs: null, idempotencyKey: null, parameters: {} } as const;
  const asked = parameters[operation] ?? {};
  const action = { ...done, ...started, uuid, name, operation, parameters: asked };
  const vmState = vmStates.find((state) => state === 'active') ?? vmStates[0] ?? 'active';
  await fake.store.commit([
    { write: 'create-action', action },
    { write: 'update-instance', uuid: instanceUuid, patch: { vmState, taskState, taskOwner: uuid }, guard: {} },
  ]);
  return uuid;
}

const everyTaskState = operationNames.flatMap((operation) =>
  operations[operation].taskStates.map((taskState) => ({ operation, taskState })),
);

// Nova: 16 task states have no recovery, and no operation has a time limit.
// Ours: recovery/ reads the action, not the task state's name; Operation.recovery has a policy for every row; deadlineMs.
describe('1. Stuck task_state', () => {
  it.each(everyTaskState)(
    'is not left by a death during $operation at $taskState',
    async ({ operation, taskState }) => {
      const dead = await runningInstance();
      const actionUuid = await leaveAt(dead, operation, taskState);

      await using fake = await dead.restarted();

      expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ taskState: null, taskOwner: null });
      const { state, finishedAtMs } = await fake.store.getAction(actionUuid);
      expect(['succeeded', 'failed', 'cancelled']).toContain(state);
      expect(finishedAtMs).not.toBeNull();
    },
  );

  it('is set with the record of the request or not at all, so that none is set by a request that was lost', async () => {
    const store = new RefusingStore();
    await using fake = await runningInstance({ store });
    store.refuses = ({ write }) => write === 'create-action';
    await expect(fake.settled(fake.compute.api.pause(tenant, instanceUuid))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    expect(await store.getInstance(instanceUuid)).toMatchObject({ taskState: null, taskOwner: null });
  });

  it('ends at the deadline of its request', async () => {
    await using fake = await runningInstance();
    fake.hypervisor.faults.add({ at: 'pause', fault: { type: 'hang', until: 'abort' } });
    const paused = await ended(fake, fake.compute.api.pause(tenant, instanceUuid, { deadlineMs: 5_000 }));
    expect(paused).toMatchObject({ state: 'failed', failure: { code: 'DEADLINE_EXCEEDED' } });
    expect((paused.finishedAtMs ?? Infinity) - paused.acceptedAtMs).toBeLessThan(20_000);
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'active', taskState: null });
  });
});

// Nova: the recovery loop is unguarded; plug_vifs, get_info or reboot_instance errors end the start of the service.
// Ours: recoverHost settles each instance on its own and says in its summary what became of whom.
describe('2. One bad instance aborts service start', () => {
  it('does not: it is set aside and named, the others are settled', async () => {
    const dead = await fakeCompute();
    const uuids = [1, 2, 3].map((nth) => `${nth}1111111-2222-4333-8444-555555555555`);
    for (const uuid of uuids) await ended(dead, dead.compute.api.create(tenant, createRequest({ uuid })));
    const died = Promise.withResolvers<void>();
    dead.hypervisor.faults.add({ at: 'pauseCpus', nth: 3, fault: { type: 'die', die: died.resolve } });
    // The first two hang at the moment the process dies in the third.
    dead.hypervisor.faults.add({ at: 'pauseCpus', times: 2, fault: { type: 'hang', until: 'never' } });
    for (const uuid of uuids) await dead.settled(dead.compute.api.pause(tenant, uuid));
    await died.promise;
    dead.hypervisor.faults.clear();
    const [bad = '', ...good] = uuids;
    const outage = { type: 'throw', error: new ComputeError('HYPERVISOR_UNAVAILABLE', {}) } as const;
    dead.hypervisor.faults.add({ at: 'inspect', instanceUuid: bad, times: 3, fault: outage });

    await using fake = await dead.restarted();

    for (const uuid of good) {
      expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState: 'paused', taskState: null });
    }
    await expect(fake.settled(fake.compute.api.forceStop(tenant, good[0] ?? ''))).resolves.toBeDefined();
    await fake.clock.advance(60_000);
    expect(await fake.store.getInstance(bad)).toMatchObject({ taskState: null });
    expect(fake.logLines.some((line) => line.includes('set-aside') && line.includes(bad))).toBe(true);
  });
});

// Nova: operators wrap the start of nova-compute in scripts, because it may start while its node is evacuated.
// Ours: HostTenure: one process holds a host, by a lease with an epoch that fences every write and every change of a guest.
describe('3. Evacuation and restart race', () => {
  it('is lost by whoever comes while the host is held', async () => {
    const { clock, hypervisor, store, ...first } = await runningInstance();
    await expect(fakeCompute({ clock, hypervisor, store })).rejects.toMatchObject({ code: 'HOST_TAKEN' });
    await first.settled(first.compute.close());
  });

  it('is lost by whoever was thought dead: it changes no record and no guest any more', async () => {
    const first = await runningInstance();
    first.hypervisor.faults.add({ at: 'pause', fault: { type: 'delay', delayMs: 20_000 } });
    await first.settled(first.compute.api.pause(tenant, instanceUuid));
    await using second = await first.restarted();
    const settled = await second.store.getInstance(instanceUuid);
    expect(settled).toMatchObject({ vmState: 'paused', taskState: null });

    const late = first.settled(first.compute.api.unpause(tenant, instanceUuid));
    await expect(late).rejects.toSatisfy(({ code }: ComputeError) => ['SESSION_LOST', 'MANAGER_CLOSED'].includes(code));
    await second.clock.advance(120_000);

    expect(await second.store.getInstance(instanceUuid)).toBe(settled);
    expect(second.hypervisor.look(instanceUuid).guest?.state).toBe('paused');
  });

  it('leaves alone what is on another host by now', async () => {
    const dead = await runningInstance();
    const patch = { host: 'host-2', taskState: 'evacuating', taskOwner: 'another action' } as const;
    await dead.store.commit([{ write: 'update-instance', uuid: instanceUuid, patch, guard: {} }]);
    await using fake = await dead.restarted();
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject(patch);
    expect(fake.hypervisor.journal.points()).toEqual([]);
  });
});

// Nova: reverts by saving every dirty field, without a guard.
// Ours: TaskStateReverter clears one field, of its own hold only.
describe('4. Reverting by None, without compare-and-set, saving every dirty field', () => {
  it('never ends the hold of a newer action', async () => {
    await using fake = await runningInstance();
    fake.hypervisor.faults.add({ at: 'pause', fault: { type: 'hang', until: 'abort' } });
    const paused = await fake.settled(fake.compute.api.pause(tenant, instanceUuid));
    const holds: (string | null)[] = [];
    const { action, finished } = await fake.compute.api.forceStop(tenant, instanceUuid);
    fake.compute.events.on('instance.changed', ({ taskOwner }) => holds.push(taskOwner));
    expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });
    expect((await fake.settled(paused.finished)).state).not.toBe('succeeded');
    expect(holds.slice(0, -1).every((owner) => owner === action.uuid)).toBe(true);
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'stopped', taskState: null });
  });

  it('saves nothing that a failed operation has only meant to do', async () => {
    await using fake = await runningInstance();
    const before = await fake.store.getInstance(instanceUuid);
    const error = new ComputeError(
      'GUEST_OPERATION_FAILED',
      { instanceUuid, operation: 'rebuild' },
      { effect: 'none' },
    );
    for (const at of ['rebuild', 'destroy'] as const) {
      fake.hypervisor.faults.add({ at, fault: { type: 'throw', error } });
    }
    const rebuilt = await ended(fake, fake.compute.api.repair.rebuild(tenant, instanceUuid, { imageId }));
    expect(rebuilt.state).toBe('failed');
    const { revision: _revision, updatedAtMs: _updatedAtMs, ...after } = await fake.store.getInstance(instanceUuid);
    expect(before).toMatchObject(after);
  });
});

// Nova: builds return a result, snapshots and live migrations are handed to a pool, a reboot that failed is swallowed.
// Ours: an operation that fails throws; its event and its action end with its work.
describe('5. Success recorded for failed work', () => {
  const failure = { type: 'throw', error: new Error('the disk is gone') } as const;

  it.each([
    { name: 'a build', at: 'spawn', act: 'create', vmState: 'error' },
    { name: 'a snapshot', at: 'snapshot', act: 'snapshot', vmState: 'active' },
    { name: 'a reboot of a guest that runs on', at: 'reboot', act: 'reboot', vmState: 'active' },
  ] as const)('is not for $name', async ({ at, act, vmState }) => {
    await using fake = await (act === 'create' ? fakeCompute() : runningInstance());
    const { api } = fake.compute;
    fake.hypervisor.faults.add({ at, fault: failure });
    const action = await ended(
      fake,
      act === 'create'
        ? api.create(tenant, createRequest({ uuid: instanceUuid }))
        : act === 'snapshot'
          ? api.images.snapshot(tenant, instanceUuid, { name: 'yesterday' })
          : api.reboot(tenant, instanceUuid, 'SOFT'),
    );
    expect(action).toMatchObject({ state: 'failed', failure: { code: 'INTERNAL' } });
    const events = await fake.compute.operator.listEvents(admin, action.uuid);
    expect(events.map(({ result }) => result)).toEqual(['Error']);
    expect(await api.get(tenant, instanceUuid)).toMatchObject({ vmState, taskState: null });
  });

  it('is not before the work is done, however long it takes', async () => {
    await using fake = await runningInstance();
    fake.hypervisor.faults.add({ at: 'snapshot', fault: { type: 'delay', delayMs: 60_000 } });
    const { action, finished } = await fake.compute.api.images.snapshot(tenant, instanceUuid, { name: 'yesterday' });
    await fake.clock.advance(59_000);
    expect(await fake.compute.api.getAction(tenant, action.uuid)).toMatchObject({
      state: 'running',
      finishedAtMs: null,
    });
    const { state, startedAtMs, finishedAtMs } = await fake.settled(finished);
    expect(state).toBe('succeeded');
    expect((finishedAtMs ?? 0) - (startedAtMs ?? 0)).toBeGreaterThanOrEqual(60_000);
  });
});

// Nova: actions have no finish time, events are matched by name, only the newest fault shows, and only while in ERROR.
// Ours: an action has its whole life in its record, an event an id of its own; every fault is kept and can be read.
describe('6. Action history is lossy', () => {
  it('no more: every failure can be read although the instance is active', async () => {
    await using fake = await runningInstance();
    const actions = [];
    for (const nth of [1, 2, 3]) {
      const error = new ComputeError('GUEST_OPERATION_FAILED', { instanceUuid, operation: `pause ${nth}` });
      fake.hypervisor.faults.add({ at: 'pause', fault: { type: 'throw', error } });
      actions.push(await ended(fake, fake.compute.api.pause(ownerContext(), instanceUuid)));
    }
    expect(await fake.compute.api.get(tenant, instanceUuid)).toMatchObject({ vmState: 'active' });
    const faults = await fake.compute.api.listFaults(tenant, instanceUuid);
    expect(faults.map(({ message }) => message)).toEqual([
      expect.stringContaining('pause 3'),
      expect.stringContaining('pause 2'),
      expect.stringContaining('pause 1'),
    ]);
    for (const action of actions) {
      expect(action.finishedAtMs).not.toBeNull();
      expect(await fake.compute.operator.listEvents(admin, action.uuid)).toMatchObject([{ result: 'Error' }]);
    }
  });

  it('keeps two attempts of one action apart', async () => {
    const dead = await runningInstance();
    const died = Promise.withResolvers<void>();
    dead.hypervisor.faults.add({ at: 'start', fault: { type: 'die', die: died.resolve } });
    const { action } = await dead.settled(dead.compute.api.reboot(tenant, instanceUuid, 'HARD'));
    await dead.settled(died.promise);
    dead.hypervisor.faults.clear();
    await using fake = await dead.restarted();
    const events = await fake.compute.operator.listEvents(admin, action.uuid);
    expect(events.map(({ name, result }) => [name, result])).toEqual([
      ['compute_reboot_instance', 'Error'],
      ['compute_reboot_instance', 'Success'],
    ]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(2);
  });
});

// Nova: a database or notifier error after a successful step fails the operation.
// Ours: the end is written until the store takes it, with its notification in the same commit (an outbox).
describe('7. After a successful hypervisor step, a DB or notifier error still fails the operation', () => {
  it('does not, although the store is gone for a while', async () => {
    const store = new RefusingStore();
    await using fake = await runningInstance({ store });
    store.refuses = (write) => write.write === 'update-instance' && write.patch.vmState === 'paused';
    const { finished } = await fake.settled(fake.compute.api.pause(tenant, instanceUuid));
    await fake.clock.advance(120_000);
    expect(store.strikes).toBeGreaterThan(3);
    store.refuses = () => false;
    expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded', failure: null });
    expect(await store.getInstance(instanceUuid)).toMatchObject({ vmState: 'paused', taskState: null });
    expect(fake.hypervisor.look(instanceUuid).guest?.state).toBe('paused');
  });

  it('does not when a listener fails', async () => {
    await using fake = await runningInstance();
    fake.compute.events.on('notification.appended', () => {
      throw new Error('the message bus is down');
    });
    const context = ownerContext();
    expect(await ended(fake, fake.compute.api.pause(context, instanceUuid))).toMatchObject({ state: 'succeeded' });
    expect(await toldOf(fake, context)).toEqual(['instance.pause.start', 'instance.pause.end']);
  });
});

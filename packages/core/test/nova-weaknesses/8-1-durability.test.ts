import { ComputeError } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { endedAsPromised } from '../support/ended-as-promised.js';
import { fakeCompute, tenant } from '../support/fake-compute.js';
import { leaveBehind } from '../support/left-behind.js';
import { imageId } from '../support/memory-providers.js';
import { everyInterruption } from '../support/novas-dead-ends.js';
import { instanceUuid, runningInstance } from '../support/running-instance.js';

// In more depth than the page, ../nova-weaknesses.test.ts, which says what each number is about.
// Every task state of every operation, a process that was paused, a hold that is overtaken.

describe('1. Stuck task_state', () => {
  it.each(everyInterruption)(
    'is not left by a death during $operation at $taskState',
    async ({ operation, taskState }) => {
      const dead = await runningInstance();
      const actionUuid = await leaveBehind(dead, { operation, taskState });

      await using fake = await dead.restarted();

      expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ taskState: null, taskOwner: null });
      const { state, finishedAtMs } = await fake.store.getAction(actionUuid);
      expect(['succeeded', 'failed', 'cancelled']).toContain(state);
      expect(finishedAtMs).not.toBeNull();
    },
  );
});

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
    const rebuilt = await endedAsPromised(fake, fake.compute.api.repair.rebuild(tenant, instanceUuid, { imageId }));
    expect(rebuilt.state).toBe('failed');
    const { revision: _revision, updatedAtMs: _updatedAtMs, ...after } = await fake.store.getInstance(instanceUuid);
    expect(before).toMatchObject(after);
  });
});

describe('5. Success recorded for failed work', () => {
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

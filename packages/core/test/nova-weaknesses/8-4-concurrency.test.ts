import type { ExternalEvent } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { createRequest, fakeCompute, tenant } from '../support/fake-compute.js';
import { imageId, volumeIds } from '../support/memory-providers.js';
import { ended, instanceUuid, ownerContext, runningInstance } from '../support/running-instance.js';

const uuidOf = (nth: number): string => `${String(nth).padStart(8, '0')}-2222-4333-8444-555555555555`;

// Nova: a hung libvirt call holds a thread of a pool of 5 for good; all periodic tasks share one timer.
// Ours: every driver call has a deadline and a signal, every instance a lane of its own.
describe('18. Blocking hypervisor calls on shared pools', () => {
  it('100 instances that hang do not hold up the next, and are given up at their deadline', async () => {
    await using fake = await runningInstance();
    const { api } = fake.compute;
    const hung = Array.from({ length: 100 }, (_, nth) => uuidOf(nth));
    await Promise.all(
      hung.map((uuid) => ended(fake, api.create(tenant, createRequest({ uuid, networkInterfaces: [] })))),
    );
    const plans = hung.map((uuid) =>
      fake.hypervisor.faults.add({ at: 'pause', instanceUuid: uuid, fault: { type: 'hang', until: 'never' } }),
    );
    const waiting = await Promise.all(hung.map((uuid) => api.pause(tenant, uuid)));

    const { finished } = await api.pause(tenant, instanceUuid);
    await fake.clock.advance(0);
    expect(await finished).toMatchObject({ state: 'succeeded' });
    expect(plans.every(({ strikes }) => strikes === 1)).toBe(true);

    const ends = await fake.settled(Promise.all(waiting.map((each) => each.finished)));
    expect(new Set(ends.map(({ failure }) => failure?.code))).toEqual(new Set(['OUTCOME_UNKNOWN']));
    const listed = await api.list(tenant);
    expect(listed.filter(({ taskState }) => taskState !== null)).toEqual([]);
  });

  it('an operator sees who is stuck, since when and in what', async () => {
    await using fake = await runningInstance();
    fake.hypervisor.faults.add({ at: 'reboot', fault: { type: 'hang', until: 'never' } });
    const { action } = await fake.compute.api.reboot(tenant, instanceUuid, 'HARD');
    await fake.clock.advance(60_000);
    const [stuck] = await fake.store.listUnfinishedActions('host-1');
    expect(stuck).toMatchObject({ uuid: action.uuid, state: 'running', startedAtMs: expect.any(Number) as number });
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ taskState: 'reboot_started_hard' });
  });
});

// Nova: only a live migration can be cancelled or watched; nothing has a deadline.
// Ours: every action has a signal, a deadline and a progress.
describe('19. No cancellation, deadline or progress', () => {
  it.each(['pause', 'suspend', 'reboot', 'snapshot'] as const)('%s is cancelled, and says so', async (at) => {
    await using fake = await runningInstance();
    const { api } = fake.compute;
    const begin = {
      pause: () => api.pause(tenant, instanceUuid),
      suspend: () => api.suspend(tenant, instanceUuid),
      reboot: () => api.reboot(tenant, instanceUuid, 'SOFT'),
      snapshot: () => api.images.snapshot(tenant, instanceUuid, { name: 'yesterday' }),
    };
    fake.hypervisor.faults.add({ at, fault: { type: 'hang', until: 'abort' } });
    const { action, finished } = await begin[at]();
    await fake.clock.advance(1_000);
    await api.cancel(tenant, action.uuid);
    expect(await fake.settled(finished)).toMatchObject({ state: 'cancelled', failure: { code: 'ABORTED' } });
    expect(await api.get(tenant, instanceUuid)).toMatchObject({ vmState: 'active', taskState: null });
    expect(fake.images.unfinishedIds).toEqual([]);
  });

  it('a request that waits ends at its deadline too', async () => {
    await using fake = await runningInstance();
    fake.hypervisor.faults.add({ at: 'suspend', fault: { type: 'delay', delayMs: 60_000 } });
    const { finished } = await fake.compute.api.suspend(tenant, instanceUuid, { deadlineMs: 1_000 });
    const { state, acceptedAtMs, finishedAtMs } = await fake.settled(finished);
    expect(state).not.toBe('succeeded');
    expect((finishedAtMs ?? Infinity) - acceptedAtMs).toBeLessThan(60_000);
  });

  it('a snapshot tells how far it has come', async () => {
    await using fake = await runningInstance();
    const phases: (string | undefined)[] = [];
    fake.compute.events.on('action.changed', ({ progress }) => phases.push(progress?.phase));
    await ended(fake, fake.compute.api.images.snapshot(tenant, instanceUuid, { name: 'yesterday' }));
    expect(phases.some((phase) => phase !== undefined)).toBe(true);
  });
});

// Nova: one lock an instance that some operations take and others do not; volumes and interfaces interleave with a rebuild.
// Ours: everything that changes an instance has a task state and goes through its lane, with a limit.
describe('20. Locks', () => {
  it('a volume or an interface is not attached in the middle of a rebuild', async () => {
    await using fake = await runningInstance();
    const { api } = fake.compute;
    fake.hypervisor.faults.add({ at: 'rebuild', fault: { type: 'delay', delayMs: 60_000 } });
    const { finished } = await api.repair.rebuild(tenant, instanceUuid, { imageId });
    await fake.clock.advance(1_000);
    for (const refused of [
      api.volumes.attach(tenant, instanceUuid, { volumeId: volumeIds[0] }),
      api.interfaces.attach(tenant, instanceUuid),
    ]) {
      await expect(refused).rejects.toMatchObject({
        code: 'INSTANCE_INVALID_STATE',
        details: { attribute: 'task state', actual: expect.stringContaining('rebuild') as string },
      });
    }
    expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });
    expect(fake.volumes.attachmentOf(volumeIds[0])).toBeNull();
  });

  it('who waits holds no worker, goes in order, and is told when there are too many', async () => {
    await using fake = await runningInstance();
    const { manager } = fake.compute;
    const instance = await fake.store.getInstance(instanceUuid);
    fake.hypervisor.faults.add({ at: 'reboot', fault: { type: 'delay', delayMs: 10_000 } });
    const order: number[] = [];
    const all = Array.from({ length: 40 }, (_, nth) =>
      manager.rebootInstance(ownerContext(), instance, 'HARD').then(
        () => order.push(nth),
        (failure: { readonly code: string }) => failure.code,
      ),
    );
    const ends = await fake.settled(Promise.all(all));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order.length).toBeGreaterThan(10);
    expect(ends.filter((end) => end === 'QUEUE_FULL').length).toBe(40 - order.length);
  });
});

// Nova: an event that nobody waits for is lost; a waiter stays registered when the work that it is for fails.
// Ours: an inbox that keeps an event for a while, and a waiter that is disposed of with its scope.
describe('21. External events', () => {
  const interfaceId = '00000000-0000-4000-8000-000000000001';
  const plugged: ExternalEvent = { name: 'network-vif-plugged', tag: interfaceId, instanceUuid, status: 'completed' };
  const request = createRequest({
    uuid: instanceUuid,
    networkInterfaces: [{ type: 'user', id: interfaceId, macAddress: '52:54:00:00:00:01', status: 'down' }],
  });

  it('one that comes before anybody waits is not lost', async () => {
    await using fake = await fakeCompute();
    fake.hypervisor.faults.add({ at: 'plugVif', fault: { type: 'delay', delayMs: 1_000 } });
    const { finished } = await fake.compute.api.create(tenant, request);
    fake.compute.deliver(plugged);
    const { state, startedAtMs, finishedAtMs } = await fake.settled(finished);
    expect(state).toBe('succeeded');
    expect((finishedAtMs ?? Infinity) - (startedAtMs ?? 0)).toBeLessThan(10_000);
  });

  it('a build that fails while it waits leaves no waiter behind that would swallow the next event', async () => {
    await using fake = await fakeCompute();
    const { api } = fake.compute;
    const first = await api.create(tenant, request);
    await fake.clock.advance(1_000);
    await api.cancel(tenant, first.action.uuid);
    expect((await fake.settled(first.finished)).state).not.toBe('succeeded');
    await ended(fake, api.delete(tenant, instanceUuid));

    const uuid = uuidOf(7);
    const second = await api.create(tenant, { ...request, uuid });
    await fake.clock.advance(1_000);
    fake.compute.deliver({ ...plugged, instanceUuid: uuid });
    expect(await fake.settled(second.finished)).toMatchObject({ state: 'succeeded' });
  });

  it('a listener that fails does not keep the next event from its waiter', async () => {
    await using fake = await fakeCompute();
    const { finished } = await fake.compute.api.create(tenant, request);
    await fake.clock.advance(1_000);
    for (const odd of [
      { ...plugged, instanceUuid: uuidOf(8) },
      { ...plugged, tag: 'unknown' },
    ])
      fake.compute.deliver(odd);
    fake.compute.deliver(plugged);
    expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });
  });
});

// Nova: an instance that is stopped and whose guest runs is stopped by force, whoever started it.
// Ours: a watch makes records follow guests; it stops none. What else is done is the embedder's policy (host-life/).
describe('22. _sync_power_states kills what it did not start', () => {
  it('a guest that somebody started runs on, and its record tells', async () => {
    await using fake = await runningInstance();
    expect(await ended(fake, fake.compute.api.stop(tenant, instanceUuid))).toMatchObject({ state: 'succeeded' });
    const hands = fake.hypervisor.connect({ latencyMs: 0, onGuestEvent: () => undefined });
    await hands.open();
    await hands.vifs.plug(instanceUuid, '00000000-0000-4000-8000-000000000001');
    await hands.start(instanceUuid, { cpus: 'running' });
    await fake.clock.advance(3_600_000);
    expect(fake.hypervisor.look(instanceUuid).guest?.state).toBe('running');
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ powerState: 'RUNNING', taskState: null });
  });

  it('a guest that somebody stopped is stopped on record', async () => {
    await using fake = await runningInstance();
    fake.hypervisor.stopGuest(instanceUuid);
    await fake.clock.advance(1_000);
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'stopped', powerState: 'SHUTDOWN' });
  });
});

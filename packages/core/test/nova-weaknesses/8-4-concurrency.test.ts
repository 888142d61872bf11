import { describe, expect, it } from 'vitest';
import { endedAsPromised } from '../support/ended-as-promised.js';
import { createRequest, tenant } from '../support/fake-compute.js';
import { imageId, volumeIds } from '../support/memory-providers.js';
import { instanceUuid, runningInstance } from '../support/running-instance.js';

// In more depth than the page, ../nova-weaknesses.test.ts, which says what each number is about.
// A hundred hung guests, more operations to cancel, interfaces, an hour with a guest that nobody started.

const uuidOf = (nth: number): string => `${String(nth).padStart(8, '0')}-2222-4333-8444-555555555555`;

describe('18. Blocking hypervisor calls on shared pools', () => {
  it('100 instances that hang do not hold up the next, and are given up at their deadline', async () => {
    await using fake = await runningInstance();
    const { api } = fake.compute;
    const hung = Array.from({ length: 100 }, (_, nth) => uuidOf(nth));
    await Promise.all(
      hung.map((uuid) => endedAsPromised(fake, api.create(tenant, createRequest({ uuid, networkInterfaces: [] })))),
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
});

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
});

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
});

describe('22. _sync_power_states kills what it did not start', () => {
  it('a guest that somebody started runs on, and its record tells', async () => {
    await using fake = await runningInstance();
    expect(await endedAsPromised(fake, fake.compute.api.stop(tenant, instanceUuid))).toMatchObject({
      state: 'succeeded',
    });
    const hands = fake.hypervisor.connect({ latencyMs: 0, onGuestEvent: () => undefined });
    await hands.open();
    await hands.vifs.plug(instanceUuid, '00000000-0000-4000-8000-000000000001');
    await hands.start(instanceUuid, { cpus: 'running' });
    await fake.clock.advance(3_600_000);
    expect(fake.hypervisor.look(instanceUuid).guest?.state).toBe('running');
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ powerState: 'RUNNING', taskState: null });
  });
});

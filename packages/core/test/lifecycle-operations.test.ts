import { ComputeError } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { admin, createRequest, tenant } from './support/fake-compute.js';
import { imageId, providedCompute, type ProvidedCompute } from './support/memory-providers.js';

async function withInstance(): Promise<{ readonly fake: ProvidedCompute; readonly uuid: string }> {
  const fake = await providedCompute();
  const { instance, finished } = await fake.settled(fake.compute.api.create(tenant, createRequest()));
  expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });
  return { fake, uuid: instance.uuid };
}

type Api = ProvidedCompute['compute']['api'];

async function done(fake: ProvidedCompute, ask: (api: Api) => ReturnType<Api['start']>) {
  const accepted = await fake.settled(ask(fake.compute.api));
  return await fake.settled(accepted.finished);
}

describe('a soft delete', () => {
  it('keeps everything, and a restore brings it back', async () => {
    const { fake, uuid } = await withInstance();
    expect(await done(fake, (api) => api.softDelete(tenant, uuid))).toMatchObject({ state: 'succeeded' });
    expect(await fake.compute.api.get(tenant, uuid)).toMatchObject({ vmState: 'soft-delete', powerState: 'SHUTDOWN' });
    expect(fake.hypervisor.look(uuid).disks).toHaveLength(1);
    expect(await done(fake, (api) => api.restore(tenant, uuid))).toMatchObject({ state: 'succeeded' });
    expect(await fake.compute.api.get(tenant, uuid)).toMatchObject({ vmState: 'active', powerState: 'RUNNING' });
    await fake.settled(fake.compute.close());
  });

  it('is made final by a delete', async () => {
    const { fake, uuid } = await withInstance();
    await done(fake, (api) => api.softDelete(tenant, uuid));
    expect(await done(fake, (api) => api.delete(tenant, uuid))).toMatchObject({ state: 'succeeded' });
    expect(fake.hypervisor.look(uuid)).toMatchObject({ guest: undefined, disks: [] });
    await fake.settled(fake.compute.close());
  });

  it('overtakes what runs, but not a delete', async () => {
    const { fake, uuid } = await withInstance();
    fake.hypervisor.faults.add({ at: 'pause', fault: { type: 'hang', until: 'never' } });
    const paused = await fake.compute.api.pause(tenant, uuid);
    await fake.clock.advance(1_000);
    expect(await done(fake, (api) => api.softDelete(tenant, uuid))).toMatchObject({ state: 'succeeded' });
    expect((await fake.settled(paused.finished)).state).not.toBe('succeeded');
    fake.hypervisor.faults.add({ at: 'destroy', fault: { type: 'delay', delayMs: 5_000 } });
    const deleted = await fake.compute.api.delete(tenant, uuid);
    await expect(fake.compute.api.forceStop(tenant, uuid)).rejects.toMatchObject({ code: 'INSTANCE_INVALID_STATE' });
    expect(await fake.settled(deleted.finished)).toMatchObject({ state: 'succeeded' });
    await fake.settled(fake.compute.close());
  });

  it.each(['stop', 'unplugVif'] as const)('goes on after a death at %s', async (at) => {
    const { fake, uuid } = await withInstance();
    const died = Promise.withResolvers<void>();
    fake.hypervisor.faults.add({ at, fault: { type: 'die', die: died.resolve, when: 'after' } });
    const { action } = await fake.compute.api.softDelete(tenant, uuid);
    await fake.settled(died.promise);
    fake.hypervisor.faults.clear();
    const next = await fake.restarted();
    expect(await next.store.getAction(action.uuid)).toMatchObject({ state: 'succeeded' });
    expect(await next.store.getInstance(uuid)).toMatchObject({ vmState: 'soft-delete', taskState: null });
    await next.settled(next.compute.close());
  });
});

describe('a forced stop', () => {
  it('cancels what runs and stops the guest', async () => {
    const { fake, uuid } = await withInstance();
    fake.hypervisor.faults.add({ at: 'captureDisk', fault: { type: 'hang', until: 'never' } });
    const snapshot = await fake.compute.api.images.snapshot(tenant, uuid, { name: 'a' });
    await fake.clock.advance(1_000);
    expect(await done(fake, (api) => api.forceStop(tenant, uuid))).toMatchObject({ state: 'succeeded' });
    expect((await fake.settled(snapshot.finished)).state).not.toBe('succeeded');
    expect(await fake.compute.api.get(tenant, uuid)).toMatchObject({ vmState: 'stopped', powerState: 'SHUTDOWN' });
    expect(fake.images.ids).toEqual([imageId]);
    await fake.settled(fake.compute.close());
  });

  it('does not come between a live migration and its end', async () => {
    const { fake, uuid } = await withInstance();
    await fake.store.commit([{ write: 'update-instance', uuid, patch: { taskState: 'migrating' }, guard: {} }]);
    await expect(fake.compute.api.forceStop(tenant, uuid)).rejects.toMatchObject({
      code: 'INSTANCE_INVALID_STATE',
      details: { attribute: 'task state', actual: 'migrating' },
    });
    await fake.settled(fake.compute.close());
  });
});

describe('a lock', () => {
  it('keeps its owner from changing the instance until it is lifted', async () => {
    const { fake, uuid } = await withInstance();
    const { compute } = fake;
    expect(await compute.api.lock(tenant, uuid, { reason: 'the books are being closed' })).toMatchObject({
      locked: 'by-owner',
      lockedReason: 'the books are being closed',
    });
    await expect(compute.api.pause(tenant, uuid)).rejects.toMatchObject({ code: 'INSTANCE_LOCKED', httpStatus: 409 });
    await expect(compute.api.delete(tenant, uuid)).rejects.toMatchObject({ code: 'INSTANCE_LOCKED' });
    expect(await done(fake, (api) => api.pause(admin, uuid))).toMatchObject({ state: 'succeeded' });
    expect(await compute.api.unlock(tenant, uuid)).toMatchObject({ locked: 'unlocked', lockedReason: null });
    expect(await done(fake, (api) => api.unpause(tenant, uuid))).toMatchObject({ state: 'succeeded' });
    await fake.settled(compute.close());
  });

  it('of an administrator is lifted by administrators only, and not weakened by its owner', async () => {
    const { fake, uuid } = await withInstance();
    const { compute } = fake;
    await compute.api.lock(admin, uuid, { reason: 'abuse' });
    expect(await compute.api.lock(tenant, uuid)).toMatchObject({ locked: 'by-admin', lockedReason: 'abuse' });
    await expect(compute.api.unlock(tenant, uuid)).rejects.toMatchObject({ code: 'INSTANCE_LOCKED' });
    expect(await compute.api.unlock(admin, uuid)).toMatchObject({ locked: 'unlocked' });
    expect(await compute.api.unlock(tenant, uuid)).toMatchObject({ locked: 'unlocked' });
    await fake.settled(compute.close());
  });

  it('that was changed meanwhile is not lifted by one who has not seen that', async () => {
    const { fake, uuid } = await withInstance();
    await fake.compute.api.lock(tenant, uuid);
    const guard = { locked: ['unlocked'] } as const;
    const stale = fake.store.commit([{ write: 'update-instance', uuid, patch: { locked: 'unlocked' }, guard }]);
    await expect(stale).rejects.toMatchObject({ code: 'INSTANCE_LOCKED' });
    await fake.settled(fake.compute.close());
  });

  it('tells of itself, and is refused with what is wrong', async () => {
    const { fake, uuid } = await withInstance();
    await fake.compute.api.lock(tenant, uuid);
    await fake.compute.api.unlock(tenant, uuid);
    const query = { afterSequence: 0, instanceUuid: uuid, countMax: 100 };
    const told = (await fake.compute.operator.listNotifications(admin, query)).map(({ eventType }) => eventType);
    expect(told).toEqual(expect.arrayContaining(['instance.lock', 'instance.unlock']));
    await expect(fake.compute.api.lock(tenant, uuid, { reason: 'x'.repeat(256) })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      details: { field: 'reason', accepted: 'at most 255 characters' },
    });
    await fake.settled(fake.compute.close());
  });
});

describe('resetting the state', () => {
  it('frees a stuck instance, ends what was unfinished, and asks the guest', async () => {
    const { fake, uuid } = await withInstance();
    fake.hypervisor.faults.add({ at: 'pause', fault: { type: 'hang', until: 'never' } });
    const stuck = await fake.compute.api.pause(tenant, uuid);
    await fake.clock.advance(1_000);

    const reset = await fake.compute.operator.resetState(admin, uuid, 'active');

    expect(reset).toMatchObject({ vmState: 'active', taskState: null, taskOwner: null, powerState: 'RUNNING' });
    expect(await fake.store.getAction(stuck.action.uuid)).toMatchObject({ state: 'cancelled' });
    await fake.settled(stuck.finished);
    const events = await fake.compute.operator.listEvents(admin, admin.requestId);
    expect(events).toMatchObject([{ name: 'api_reset_state', result: 'Success', instanceUuid: uuid }]);
    const steps = await fake.compute.operator.listEvents(admin, stuck.action.uuid);
    expect(steps.every(({ finishedAtMs }) => finishedAtMs !== null)).toBe(true);
    expect(await done(fake, (api) => api.reboot(tenant, uuid, 'HARD'))).toMatchObject({ state: 'succeeded' });
    await fake.settled(fake.compute.close());
  });

  it('is nothing for tenants, and takes nothing but active and error', async () => {
    const { fake, uuid } = await withInstance();
    const { operator } = fake.compute;
    await expect(operator.resetState(tenant, uuid, 'error')).rejects.toMatchObject({ code: 'INSTANCE_NOT_FOUND' });
    await expect(operator.resetState(admin, uuid, 'deleted' as 'error')).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      details: { field: 'vmState', value: '"deleted"', accepted: 'active or error' },
    });
    await fake.settled(fake.compute.close());
  });

  it('changes nothing while the driver cannot be asked', async () => {
    const { fake, uuid } = await withInstance();
    const outage = new ComputeError('HYPERVISOR_UNAVAILABLE', {});
    fake.hypervisor.faults.add({ at: 'inspect', fault: { type: 'throw', error: outage } });
    const before = await fake.store.getInstance(uuid);
    const reset = fake.compute.operator.resetState(admin, uuid, 'error');
    await expect(reset).rejects.toMatchObject({ code: 'HYPERVISOR_UNAVAILABLE' });
    expect(await fake.store.getInstance(uuid)).toBe(before);
    await fake.settled(fake.compute.close());
  });
});

describe('a stop', () => {
  it('does not make an instance stopped that was never made', async () => {
    const fake = await providedCompute();
    fake.hypervisor.faults.add({
      at: 'start',
      fault: { type: 'throw', error: new Error('no') },
    });
    const { instance, finished } = await fake.settled(fake.compute.api.create(tenant, createRequest()));
    expect(await fake.settled(finished)).toMatchObject({ state: 'failed' });

    for (const verb of ['stop', 'forceStop'] as const) {
      const stopped = await done(fake, (api) => api[verb](tenant, instance.uuid));
      expect(stopped).toMatchObject({ state: 'failed', failure: { code: 'GUEST_OPERATION_FAILED' } });
      expect(await fake.compute.api.get(tenant, instance.uuid)).toMatchObject({ vmState: 'error', taskState: null });
    }
    await fake.settled(fake.compute.close());
  });
});

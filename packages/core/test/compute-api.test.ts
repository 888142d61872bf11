import { requestContext } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { createRequest, fakeCompute, tenant, type FakeCompute } from './support/fake-compute.js';

async function withInstance(): Promise<{ readonly fake: FakeCompute; readonly uuid: string }> {
  const fake = await fakeCompute();
  const { instance, finished } = await fake.settled(fake.compute.api.create(tenant, createRequest()));
  expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });
  return { fake, uuid: instance.uuid };
}

describe('a request that is refused', () => {
  it.each([
    [{ name: '' }, { field: 'name', value: '""', accepted: '1 to 255 characters' }],
    [
      { flavor: { name: 'x', vcpus: 0, memoryMib: 1 } },
      { field: 'flavor.vcpus', value: '0', accepted: 'a whole number from 1 to 1024' },
    ],
    [{ flavor: { name: 'x', vcpus: 1, memoryMib: 1.5 } }, { field: 'flavor.memoryMib', value: '1.5' }],
    [{ uuid: '../../etc/passwd' }, { field: 'uuid', value: '"../../etc/passwd"', accepted: 'a uuid' }],
    [
      { image: { id: 'i', name: 'i', location: {} } },
      { field: 'image.location', accepted: 'a disk, a kernel, or both' },
    ],
    [
      { image: { id: 'i', name: 'i', location: { disk: 'relative' } } },
      { field: 'image.location.disk', accepted: 'an absolute path' },
    ],
    [
      { networkInterfaces: [{ type: 'user' as const, id: 'x', macAddress: '52:54:00:00:00:01' }] },
      { field: 'networkInterfaces[0].id', value: '"x"', accepted: 'a uuid' },
    ],
  ])('names the field, the value and what is accepted: %j', async (fields, details) => {
    await using fake = await fakeCompute();
    await expect(fake.compute.api.create(tenant, createRequest(fields))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      details,
    });
    expect(await fake.store.listInstances({})).toEqual([]);
    expect(fake.hypervisor.journal.points()).toEqual([]);
  });

  it('by an unknown field says so', async () => {
    await using fake = await fakeCompute();
    const request = { ...createRequest(), colour: 'blue' };
    await expect(fake.compute.api.create(tenant, request)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('by the state of the instance says which state and which are accepted, and writes nothing', async () => {
    const { fake, uuid } = await withInstance();
    const before = await fake.store.getInstance(uuid);
    await expect(fake.compute.api.start(tenant, uuid)).rejects.toMatchObject({
      code: 'INSTANCE_INVALID_STATE',
      details: { attribute: 'vm state', actual: 'active', accepted: ['stopped'] },
      httpStatus: 409,
    });
    expect(await fake.store.getInstance(uuid)).toBe(before);
    expect(await fake.store.listActions(uuid)).toHaveLength(1);
    await fake.settled(fake.compute.close());
  });

  it('by what is being done to the instance says what that is', async () => {
    const { fake, uuid } = await withInstance();
    fake.hypervisor.faults.add({ at: 'pause', fault: { type: 'delay', delayMs: 1_000 } });
    const paused = await fake.compute.api.pause(tenant, uuid);
    await expect(fake.compute.api.reboot(tenant, uuid, 'HARD')).rejects.toMatchObject({
      code: 'INSTANCE_INVALID_STATE',
      details: { attribute: 'task state', actual: 'pausing', accepted: ['none'] },
    });
    expect(await fake.settled(paused.finished)).toMatchObject({ state: 'succeeded' });
    await fake.settled(fake.compute.close());
  });

  it('by somebody else’s project finds nothing', async () => {
    const { fake, uuid } = await withInstance();
    const stranger = requestContext({ projectId: 'project-2', userId: 'user-2' });
    await expect(fake.compute.api.get(stranger, uuid)).rejects.toMatchObject({ code: 'INSTANCE_NOT_FOUND' });
    await expect(fake.compute.api.delete(stranger, uuid)).rejects.toMatchObject({ code: 'INSTANCE_NOT_FOUND' });
    await expect(fake.compute.operator.inspect(tenant, uuid)).rejects.toMatchObject({ code: 'INSTANCE_NOT_FOUND' });
    expect(await fake.compute.api.list(stranger)).toEqual([]);
    await fake.settled(fake.compute.close());
  });

  it('for an unknown instance or another reboot type says so', async () => {
    const { fake, uuid } = await withInstance();
    const nobody = '00000000-0000-4000-8000-00000000dead';
    await expect(fake.compute.api.start(tenant, nobody)).rejects.toMatchObject({
      code: 'INSTANCE_NOT_FOUND',
      httpStatus: 404,
    });
    await expect(fake.compute.api.reboot(tenant, uuid, 'MEDIUM' as 'SOFT')).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      details: { field: 'type', value: '"MEDIUM"', accepted: 'SOFT or HARD' },
    });
    await fake.settled(fake.compute.close());
  });

  it('after the end is refused as such', async () => {
    const { fake, uuid } = await withInstance();
    await fake.settled(fake.compute.close());
    await expect(fake.compute.api.pause(tenant, uuid)).rejects.toMatchObject({ code: 'MANAGER_CLOSED' });
  });
});

describe('what a tenant gets', () => {
  it('has no host, no path and no bridge in it', async () => {
    const { fake, uuid } = await withInstance();
    const text = JSON.stringify([await fake.compute.api.get(tenant, uuid), await fake.compute.api.list(tenant)]);
    for (const hidden of ['host-1', '/images/', 'taskOwner']) expect(text).not.toContain(hidden);
    await fake.settled(fake.compute.close());
  });
});

describe('deleting', () => {
  it('overtakes and cancels what runs, and is not undone by its end', async () => {
    const { fake, uuid } = await withInstance();
    fake.hypervisor.faults.add({ at: 'reboot', fault: { type: 'hang', until: 'never' } });
    const rebooted = await fake.compute.api.reboot(tenant, uuid, 'HARD');
    await fake.clock.advance(1_000);
    const deleted = await fake.settled(fake.compute.api.delete(tenant, uuid));
    expect(await fake.settled(deleted.finished)).toMatchObject({ state: 'succeeded' });
    expect((await fake.settled(rebooted.finished)).state).not.toBe('succeeded');
    expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState: 'deleted', taskState: null });
    expect(fake.hypervisor.look(uuid)).toMatchObject({ guest: undefined, disks: [], vifs: [] });
    await fake.settled(fake.compute.close());
  });
});

describe('operations on one instance', () => {
  it('wait for each other when they are called directly, and keep their order', async () => {
    const { fake, uuid } = await withInstance();
    const instance = await fake.store.getInstance(uuid);
    const context = () => requestContext({ projectId: tenant.projectId, userId: tenant.userId });
    const order: string[] = [];
    fake.hypervisor.faults.add({ at: 'pause', fault: { type: 'delay', delayMs: 5_000 } });
    const { manager } = fake.compute;
    const both = Promise.all([
      manager.pauseInstance(context(), instance).then(() => order.push('paused')),
      manager.unpauseInstance(context(), instance).then(() => order.push('unpaused')),
    ]);
    await fake.settled(both);
    expect(order).toEqual(['paused', 'unpaused']);
    expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState: 'active', taskState: null });
    await fake.settled(fake.compute.close());
  });
});

describe('a guest that changes by itself', () => {
  it('is believed once the driver has confirmed it', async () => {
    const { fake, uuid } = await withInstance();
    fake.hypervisor.stopGuest(uuid);
    await fake.clock.advance(1_000);
    expect(await fake.compute.api.get(tenant, uuid)).toMatchObject({ vmState: 'stopped', powerState: 'SHUTDOWN' });
    await fake.settled(fake.compute.close());
  });
});

describe('the uuid of an instance', () => {
  it.each([
    ['without dashes', (uuid: string) => uuid.replaceAll('-', '')],
    ['in upper case', (uuid: string) => uuid.toUpperCase()],
    ['without dashes and in upper case', (uuid: string) => uuid.replaceAll('-', '').toUpperCase()],
  ])('may come %s, and is on record as all are', async (_form, other) => {
    await using fake = await fakeCompute();
    const uuid = '6ba7b810-9dad-41d1-80b4-00c04fd430c8';
    const { instance, finished } = await fake.settled(
      fake.compute.api.create(tenant, createRequest({ uuid: other(uuid) })),
    );
    expect(instance.uuid).toBe(uuid);
    expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded', instanceUuid: uuid });
    expect(await fake.compute.api.get(tenant, other(uuid))).toMatchObject({ uuid, vmState: 'active' });
  });
});

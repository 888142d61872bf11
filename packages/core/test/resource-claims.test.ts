import { describe, expect, it } from 'vitest';
import { FakeHypervisor, VirtualClock } from '@virtkit/driver-fake';
import { createCompute, MemoryStore, type Migration } from '@virtkit/core';
import { migrationFromFields, type StoreWrite } from '@virtkit/core/store';
import { admin, createRequest, fakeCompute, tenant, type FakeCompute } from './support/fake-compute.js';

const memoryMib = 300;

async function smallHost(): Promise<FakeCompute> {
  const clock = new VirtualClock();
  return await fakeCompute({ clock, hypervisor: new FakeHypervisor({ clock, memoryMib }) });
}

const uuids = [1, 2, 3].map((nth) => `${nth}1111111-2222-4333-8444-555555555555`);

describe('the resources of a host', () => {
  it('are given away once, however many ask at the same time', async () => {
    await using fake = await smallHost();
    const { api, operator } = fake.compute;

    const accepted = await fake.settled(
      Promise.all(uuids.map((uuid) => api.create(tenant, createRequest({ uuid, networkInterfaces: [] })))),
    );
    const actions = await fake.settled(Promise.all(accepted.map(({ finished }) => finished)));

    // Two of 128 MiB fit into 300.
    expect(actions.map(({ state }) => state).sort()).toEqual(['failed', 'succeeded', 'succeeded']);
    expect(actions.find(({ state }) => state === 'failed')?.failure?.code).toBe('INSUFFICIENT_RESOURCES');
    expect(await operator.hostUsage(admin)).toMatchObject({ used: { memoryMib: 256 }, limits: { memoryMib } });
    await expect(operator.hostUsage(tenant)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  it('are given back by those that are deleted, and counted again after a restart', async () => {
    const fake = await smallHost();
    const { api } = fake.compute;
    for (const uuid of uuids.slice(0, 2)) {
      const created = await fake.settled(api.create(tenant, createRequest({ uuid, networkInterfaces: [] })));
      await fake.settled(created.finished);
    }

    const next = await fake.restarted();
    expect(await next.compute.operator.hostUsage(admin)).toMatchObject({ used: { memoryMib: 256 } });
    const deleted = await next.settled(next.compute.api.delete(tenant, uuids[0] ?? ''));
    await next.settled(deleted.finished);
    expect(await next.compute.operator.hostUsage(admin)).toMatchObject({ used: { memoryMib: 128 } });
    const third = await next.settled(
      next.compute.api.create(tenant, createRequest({ uuid: uuids[2] ?? '', networkInterfaces: [] })),
    );
    expect(await next.settled(third.finished)).toMatchObject({ state: 'succeeded' });
  });

  it('are held by an instance of which nobody knows what has become', async () => {
    await using fake = await smallHost();
    const { api, operator } = fake.compute;
    const [uuid = ''] = uuids;
    const created = await fake.settled(api.create(tenant, createRequest({ uuid, networkInterfaces: [] })));
    await fake.settled(created.finished);
    fake.hypervisor.faults.add({ at: 'readState', fault: { type: 'lose-answer' }, times: 20 });

    const reboot = await fake.settled(api.reboot(tenant, uuid, 'HARD'));
    await fake.settled(reboot.finished);

    expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState: 'error', powerState: 'NOSTATE' });
    expect(await operator.hostUsage(admin)).toMatchObject({ used: { memoryMib: 128 } });
  });

  it('are counted twice rather than not at all when an instance arrives while the records are read', async () => {
    const store = new MemoryStore();
    await using there = await fakeCompute({ store, host: 'host-2' });
    const [uuid = ''] = uuids;
    const request = createRequest({ uuid, networkInterfaces: [] });
    const created = await there.settled(there.compute.api.create(tenant, request));
    await there.settled(created.finished);
    const { flavor } = await store.getInstance(uuid);
    const move = (status: Migration['status']): StoreWrite => ({
      write: 'put-migration',
      migration: migrationFromFields({
        uuid: uuids[1] ?? '',
        instanceUuid: uuid,
        actionUuid: null,
        kind: 'migration',
        status,
        sourceHost: 'host-2',
        destinationHost: 'host-1',
        oldFlavor: flavor,
        newFlavor: flavor,
        vmStateBefore: 'active',
        disks: null,
        data: null,
        createdAtMs: 0,
        updatedAtMs: 0,
      }),
    });
    await store.commit([move('running')]);
    await using here = await fakeCompute({ store, host: 'host-1' });
    const listInstances = store.listInstances.bind(store);
    store.listInstances = async (query) => {
      const found = await listInstances(query);
      store.listInstances = listInstances;
      await store.commit([{ write: 'update-instance', uuid, patch: { host: 'host-1' }, guard: {} }, move('finished')]);
      return found;
    };

    expect(await here.compute.operator.hostUsage(admin)).toMatchObject({ used: { memoryMib: 128 } });
    expect(await here.compute.operator.hostUsage(admin)).toMatchObject({ used: { memoryMib: 128 } });
  });

  it('are given away by ratios that are checked before anything starts', async () => {
    await expect(
      createCompute({ driver: { name: 'fake' }, drivers: [], claims: { ratios: { memory: 0 } } }),
    ).rejects.toMatchObject({
      code: 'INVALID_CONFIGURATION',
      details: { field: 'claims.ratios.memory', value: '0', accepted: 'a number greater than 0, at most 1,000' },
    });
  });
});

import {
  ComputeError,
  requestContext,
  type AcceptedAction,
  type ComputeApi,
  type CreateRequest,
  type TenantAction,
} from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { brokenBelongings } from './support/belongings-promises.js';
import { admin, createRequest, quietLife, tenant, type FakeComputeParts } from './support/fake-compute.js';
import { imageId, providedCompute, volumeIds, type ProvidedCompute } from './support/memory-providers.js';

const uuid = '11111111-2222-4333-8444-555555555555';
const [first, second] = volumeIds;
const nobody = '00000000-0000-4000-a000-00000000dead';

/** A request for what the providers have. */
function providedRequest(fields: Partial<CreateRequest> = {}): CreateRequest {
  const { image: _image, networkInterfaces: _described, ...request } = createRequest({ uuid });
  return { ...request, imageId, networks: [{}], ...fields };
}

async function done(fake: ProvidedCompute, accepting: Promise<AcceptedAction>): Promise<TenantAction> {
  return await fake.settled((await fake.settled(accepting)).finished);
}

async function withInstance(
  fields: Partial<CreateRequest> = {},
  parts: FakeComputeParts = {},
): Promise<ProvidedCompute> {
  const fake = await providedCompute(parts);
  const built = await done(fake, fake.compute.api.create(tenant, providedRequest(fields)));
  expect(built).toMatchObject({ state: 'succeeded' });
  return fake;
}

describe('a snapshot of a volume', () => {
  it('is made once, however often its request is sent under one key', async () => {
    await using fake = await withInstance({ volumes: [{ volumeId: first }] });
    const ask = (): Promise<AcceptedAction> =>
      fake.compute.api.volumes.createSnapshot(admin, uuid, first, { idempotencyKey: 'nightly' });
    const made = await done(fake, ask());
    expect(made).toMatchObject({ state: 'succeeded', result: { snapshotId: made.uuid } });
    expect(await done(fake, ask())).toEqual(made);
  });
});

describe('a request for an instance', () => {
  it.each([
    [{ image: createRequest().image }, { field: 'imageId', accepted: 'an image or an imageId, not both' }],
    [{ imageId: undefined }, { field: 'image', value: 'missing', accepted: 'an image or an imageId' }],
    [{ networkInterfaces: [] }, { field: 'networks', accepted: 'networks or networkInterfaces, not both' }],
    [{ volumes: [{ volumeId: first }, { volumeId: first }] }, { field: 'volumes', accepted: 'each volume once' }],
    [{ networks: [{ macAddress: 'AA:BB' }] }, { field: 'networks[0].macAddress', value: '"AA:BB"' }],
    [{ volumes: [{ volumeId: first, bus: 'floppy' }] }, { field: 'volumes[0].bus', value: '"floppy"' }],
  ])('names what excludes what: %j', async (fields, details) => {
    await using fake = await providedCompute();
    const request = { ...providedRequest(), ...fields } as CreateRequest;
    await expect(fake.compute.api.create(tenant, request)).rejects.toMatchObject({ code: 'INVALID_INPUT', details });
    expect(await fake.store.listInstances({})).toEqual([]);
    expect(fake.providerFaults.calls).toEqual([]);
  });

  it.each([
    [{ imageId: nobody }, 'IMAGE_NOT_FOUND'],
    [{ volumes: [{ volumeId: nobody }] }, 'VOLUME_NOT_FOUND'],
  ])('is refused before anything is written when what it names is not there: %j', async (fields, code) => {
    await using fake = await providedCompute();
    await expect(fake.settled(fake.compute.api.create(tenant, providedRequest(fields)))).rejects.toMatchObject({
      code,
    });
    expect(await fake.store.listInstances({})).toEqual([]);
  });

  it('that is sent again is answered though its image is gone meanwhile', async () => {
    await using fake = await providedCompute();
    const options = { idempotencyKey: 'once' };
    const accepted = await fake.settled(fake.compute.api.create(tenant, providedRequest(), options));
    await fake.settled(accepted.finished);
    await fake.images.deleteImage(imageId);
    const again = await fake.settled(fake.compute.api.create(tenant, providedRequest(), options));
    expect(again.action.uuid).toBe(accepted.action.uuid);
  });

  it('gets its image from the provider, its interfaces and its volumes, and shows a tenant no place of any', async () => {
    await using fake = await withInstance({ volumes: [{ volumeId: first, bus: 'scsi', bootIndex: 1 }] });
    const instance = await fake.store.getInstance(uuid);
    expect(instance.image.location).toEqual({ disk: `/images/${imageId}.qcow2` });
    expect(instance.blockDevices).toMatchObject([{ id: first, bus: 'scsi', bootIndex: 1, source: { type: 'file' } }]);
    const seen = await fake.compute.api.get(tenant, uuid);
    expect(seen.volumes).toEqual([{ id: first }]);
    expect(JSON.stringify(seen)).not.toContain('/volumes/');
    expect(await brokenBelongings(fake, uuid)).toEqual([]);
  });

  it('passes the task states of what is done, and of nothing else', async () => {
    await using fake = await providedCompute();
    const passed: unknown[] = [];
    fake.compute.events.on('instance.changed', ({ taskState }) => passed.push(taskState));
    await done(fake, fake.compute.api.create(tenant, providedRequest({ volumes: [{ volumeId: first }] })));
    expect([...new Set(passed)]).toEqual(['scheduling', 'networking', 'block_device_mapping', 'spawning', null]);
    passed.length = 0;
    const other = createRequest({ uuid: '11111111-2222-4333-8444-666666666666' });
    await done(fake, fake.compute.api.create(tenant, other));
    expect([...new Set(passed)]).toEqual(['scheduling', 'spawning', null]);
  });

  it('that is cancelled gives everything back', async () => {
    await using fake = await providedCompute();
    fake.hypervisor.faults.add({ at: 'start', fault: { type: 'delay', delayMs: 10_000 } });
    const request = providedRequest({ volumes: [{ volumeId: first }] });
    const { action, finished } = await fake.compute.api.create(tenant, request);
    await fake.clock.advance(1_000);
    await fake.compute.api.cancel(tenant, action.uuid);
    expect(await fake.settled(finished)).toMatchObject({ state: 'cancelled' });
    expect(await fake.store.getInstance(uuid)).toMatchObject({
      vmState: 'error',
      blockDevices: [],
      networkInterfaces: [],
    });
    expect(await brokenBelongings(fake, uuid)).toEqual([]);
  });

  it('that is overtaken by a delete leaves nothing', async () => {
    await using fake = await providedCompute();
    fake.providerFaults.add({ at: 'volumes.connect', fault: { type: 'delay', delayMs: 10_000 } });
    const request = providedRequest({ volumes: [{ volumeId: first }] });
    const building = await fake.compute.api.create(tenant, request);
    await fake.clock.advance(1_000);
    expect(await done(fake, fake.compute.api.delete(tenant, uuid))).toMatchObject({ state: 'succeeded' });
    expect(await fake.settled(building.finished)).toMatchObject({ state: 'cancelled' });
    expect(await brokenBelongings(fake, uuid)).toEqual([]);
  });
});

describe('deleting', () => {
  it('says deleted only when the providers have everything back', async () => {
    await using fake = await withInstance({ volumes: [{ volumeId: first }] });
    const outage = new Error('no route to storage');
    fake.providerFaults.add({ at: 'volumes.unreserve', fault: { type: 'throw', error: outage } });
    expect(await done(fake, fake.compute.api.delete(tenant, uuid))).toMatchObject({ state: 'failed' });
    expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState: 'error', taskState: null });
    // The other provider's failure kept nobody from this.
    expect(fake.networks.idsOf(uuid)).toEqual([]);
    expect(await done(fake, fake.compute.api.delete(tenant, uuid))).toMatchObject({ state: 'succeeded' });
    expect(fake.volumes.attachmentOf(first)).toBeNull();
  });
});

describe('attaching a volume', () => {
  it('is refused for one that the instance has, that another has, and that is not there', async () => {
    await using fake = await withInstance({ volumes: [{ volumeId: first }] });
    const { volumes } = fake.compute.api;
    const inUse = { code: 'VOLUME_UNAVAILABLE', details: { reason: 'in use' } };
    await expect(volumes.attach(tenant, uuid, { volumeId: first })).rejects.toMatchObject(inUse);
    await expect(volumes.detach(tenant, uuid, second)).rejects.toMatchObject({ code: 'DEVICE_NOT_FOUND' });
    await fake.volumes.reserve(second, { instanceUuid: nobody, projectId: 'project-1' });
    const { failure } = await done(fake, volumes.attach(tenant, uuid, { volumeId: second }));
    expect(failure).toMatchObject({ code: 'VOLUME_UNAVAILABLE' });
    expect(fake.volumes.attachmentOf(second)).toEqual({ instanceUuid: nobody, hosts: [] });
  });

  it('that the guest has no room for leaves the volume free and the instance active', async () => {
    await using fake = await withInstance();
    fake.hypervisor.faults.add({
      at: 'attachDevice',
      fault: { type: 'throw', error: new Error('No more available PCI slots') },
    });
    const ended = await done(fake, fake.compute.api.volumes.attach(tenant, uuid, { volumeId: first }));
    expect(ended).toMatchObject({ state: 'failed' });
    expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState: 'active', blockDevices: [] });
    expect(await brokenBelongings(fake, uuid)).toEqual([]);
  });

  it('stays on record when the guest cannot be made to let go, so that it can be detached later', async () => {
    await using fake = await withInstance();
    const error = new Error('qemu unexpectedly closed the monitor');
    fake.hypervisor.faults.add({ at: 'attachVolume', fault: { type: 'throw', error, when: 'after' } });
    fake.hypervisor.faults.add({ at: 'detachVolume', fault: { type: 'throw', error } });
    const { volumes } = fake.compute.api;
    const ended = await done(fake, volumes.attach(tenant, uuid, { volumeId: first }));
    expect(ended).toMatchObject({ state: 'failed' });
    expect(await brokenBelongings(fake, uuid)).toEqual([]);
    expect(await done(fake, volumes.detach(tenant, uuid, first))).toMatchObject({ state: 'succeeded' });
    expect(fake.volumes.attachmentOf(first)).toBeNull();
  });

  it('holds the instance, and is held off by what runs', async () => {
    await using fake = await withInstance();
    fake.hypervisor.faults.add({ at: 'attachDevice', fault: { type: 'delay', delayMs: 1_000 } });
    const attaching = await fake.compute.api.volumes.attach(tenant, uuid, { volumeId: first });
    await expect(fake.compute.api.reboot(tenant, uuid, 'HARD')).rejects.toMatchObject({
      code: 'INSTANCE_INVALID_STATE',
      details: { actual: 'attaching_volume' },
    });
    expect(await fake.settled(attaching.finished)).toMatchObject({ state: 'succeeded' });
  });

  it('is refused where no volumes are configured, and administrators’ operations to tenants', async () => {
    await using fake = await withInstance({ volumes: [{ volumeId: first }] });
    const extension = { volumeId: first, sizeMib: 2_048 };
    const { volumes } = fake.compute.api;
    await expect(volumes.extend(tenant, uuid, extension)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await done(fake, volumes.extend(admin, uuid, extension))).toMatchObject({ result: { sizeMib: 2_048 } });
    const stranger = requestContext({ projectId: 'project-2', userId: 'user-2' });
    await expect(volumes.attach(stranger, uuid, { volumeId: second })).rejects.toMatchObject({
      code: 'INSTANCE_NOT_FOUND',
    });
  });
});

describe('detaching a volume', () => {
  it('that the guest does not let go of leaves it as it was', async () => {
    await using fake = await withInstance({ volumes: [{ volumeId: first }] });
    fake.hypervisor.setDetachManner(uuid, 'never');
    const ended = await done(fake, fake.compute.api.volumes.detach(tenant, uuid, first));
    expect(ended.failure).toMatchObject({ code: 'DEVICE_DETACH_REFUSED' });
    expect(await brokenBelongings(fake, uuid)).toEqual([]);
  });
});

describe('an instance on no host', () => {
  it('has a volume reserved and gives it back without a driver', async () => {
    await using fake = await withInstance();
    const { volumes } = fake.compute.api;
    await fake.store.commit([
      { write: 'update-instance', uuid, patch: { vmState: 'shelved_offloaded', host: null }, guard: {} },
    ]);
    fake.hypervisor.journal.clear();
    expect(await done(fake, volumes.attach(tenant, uuid, { volumeId: first }))).toMatchObject({ state: 'succeeded' });
    expect((await fake.store.getInstance(uuid)).blockDevices).toMatchObject([{ id: first, source: null }]);
    expect(fake.volumes.attachmentOf(first)).toMatchObject({ instanceUuid: uuid, hosts: [] });
    expect(await done(fake, volumes.detach(tenant, uuid, first))).toMatchObject({ state: 'succeeded' });
    expect(fake.volumes.attachmentOf(first)).toBeNull();
    const points = fake.hypervisor.journal.points().map(({ at }) => at);
    expect(points).not.toContain('attachVolume');
    expect(points).not.toContain('detachVolume');
  });
});

describe('a guest with a volume', () => {
  type Ask = (api: ComputeApi) => Promise<AcceptedAction>;
  const stop: Ask = (api) => api.stop(tenant, uuid);
  const starts: readonly (readonly [name: string, before: Ask, start: Ask])[] = [
    ['a start', stop, (api) => api.start(tenant, uuid)],
    ['a hard reboot', stop, (api) => api.reboot(tenant, uuid, 'HARD')],
    ['a resume', (api) => api.suspend(tenant, uuid), (api) => api.resume(tenant, uuid)],
    ['an unrescue', (api) => api.repair.rescue(tenant, uuid), (api) => api.repair.unrescue(tenant, uuid)],
    ['a restore', (api) => api.softDelete(tenant, uuid), (api) => api.restore(tenant, uuid)],
    ['an unshelve', (api) => api.images.shelve(tenant, uuid), (api) => api.images.unshelve(tenant, uuid)],
  ];
  const otherUuid = '11111111-2222-4333-8444-777777777777';

  /** The provider gives the volume to another instance, whose guest has it then. */
  async function takenByAnother(fake: ProvidedCompute): Promise<unknown> {
    const { buildUuid } = await fake.store.getInstance(uuid);
    await fake.volumes.unreserve(first, {
      instanceUuid: uuid,
      ...(buildUuid && { buildUuid }),
    });
    const another = providedRequest({ uuid: otherUuid, volumes: [{ volumeId: first }] });
    expect(await done(fake, fake.compute.api.create(tenant, another))).toMatchObject({ state: 'succeeded' });
    return fake.volumes.attachmentOf(first);
  }

  it.each(starts)('is not started by %s when another instance has the volume by now', async (_, before, start) => {
    await using fake = await withInstance({ volumes: [{ volumeId: first }] });
    expect(await done(fake, before(fake.compute.api))).toMatchObject({ state: 'succeeded' });
    const attachment = await takenByAnother(fake);
    const seen = fake.hypervisor.look(uuid).guest?.state;
    const refused = { state: 'failed', failure: { code: 'RESERVATION_ENDED' } };
    expect(await done(fake, start(fake.compute.api))).toMatchObject(refused);
    expect(fake.hypervisor.look(uuid).guest?.state).toBe(seen);
    expect(fake.volumes.attachmentOf(first)).toEqual(attachment);
    expect(fake.hypervisor.look(otherUuid)).toMatchObject({
      guest: { state: 'running' },
      devices: { blockDevices: [{ id: first }] },
    });
  });

  it.each(starts)('is not started by %s while the provider does not answer', async (_, before, start) => {
    await using fake = await withInstance({ volumes: [{ volumeId: first }] });
    expect(await done(fake, before(fake.compute.api))).toMatchObject({ state: 'succeeded' });
    const seen = fake.hypervisor.look(uuid).guest?.state;
    const error = new ComputeError('STORE_UNAVAILABLE', {});
    fake.providerFaults.add({ at: 'volumes.connect', times: 'always', fault: { type: 'throw', error } });
    expect(await done(fake, start(fake.compute.api))).toMatchObject({ state: 'failed' });
    expect(fake.hypervisor.look(uuid).guest?.state).toBe(seen);
    fake.providerFaults.clear();
    fake.providerFaults.clearCalls();
    expect(await done(fake, start(fake.compute.api))).toMatchObject({ state: 'succeeded' });
    expect(fake.providerFaults.calls).toContain('volumes.connect');
  });

  it.each(['another instance has it', 'no answer'])('stays off after a boot of its host: %s', async (trouble) => {
    const hostLife = { ...quietLife, guestsOnHostBoot: 'resume' } as const;
    const before = await withInstance({ volumes: [{ volumeId: first }] }, { hostLife });
    before.hypervisor.switchOff();
    before.hypervisor.switchOn();
    await before.settled(before.compute.close());
    const { buildUuid } = await before.store.getInstance(uuid);
    if (trouble === 'no answer') {
      const error = new ComputeError('STORE_UNAVAILABLE', {});
      before.providerFaults.add({ at: 'volumes.connect', times: 'always', fault: { type: 'throw', error } });
    } else {
      await before.volumes.unreserve(first, { instanceUuid: uuid, ...(buildUuid && { buildUuid }) });
      await before.volumes.reserve(first, { projectId: 'project-1', instanceUuid: nobody });
    }
    const attachment = before.volumes.attachmentOf(first);
    await using fake = await before.restarted();
    await fake.clock.advance(10_000);
    expect(fake.hypervisor.look(uuid).guest?.state).toBe('shut-off');
    expect(before.volumes.attachmentOf(first)).toEqual(attachment);
    expect(await fake.store.listFaults(uuid)).toHaveLength(1);
  });
});

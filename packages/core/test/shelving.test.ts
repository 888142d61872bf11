import { ComputeError, type AcceptedAction } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { recordInvariants } from '../src/runner/record-invariants.js';
import { admin, createRequest, quietLife, tenant } from './support/fake-compute.js';
import { imageId, providedCompute, volumeIds, type ProvidedCompute } from './support/memory-providers.js';

const [volumeId] = volumeIds;

type Verb = 'shelve' | 'shelveOffload' | 'unshelve';

async function does(fake: ProvidedCompute, uuid: string, verb: Verb) {
  const images = fake.compute.api.images;
  const accepted = await fake.settled(
    verb === 'shelve' ? images.shelve(tenant, uuid, { gracePeriodMs: 1_000 }) : images[verb](tenant, uuid),
  );
  return await fake.settled(accepted.finished);
}

const hostLife = { everyMs: { ...quietLife.everyMs, releaseSweep: 60_000 } } as const;

async function withInstance(...verbs: readonly Verb[]) {
  const fake = await providedCompute({ hostLife });
  const { instance, finished } = await fake.settled(fake.compute.api.create(tenant, createRequest()));
  expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });
  const { uuid } = instance;
  const attached = await fake.settled(fake.compute.api.volumes.attach(tenant, uuid, { volumeId }));
  expect(await fake.settled(attached.finished)).toMatchObject({ state: 'succeeded' });
  for (const verb of verbs) expect(await does(fake, uuid, verb), verb).toMatchObject({ state: 'succeeded' });
  return { fake, uuid };
}

describe('shelving', () => {
  it('stops the guest and keeps its disk in an image', async () => {
    const { fake, uuid } = await withInstance('shelve');
    const { vmState, powerState, host, shelvedImageId } = await fake.store.getInstance(uuid);
    expect({ vmState, powerState, host }).toEqual({ vmState: 'shelved', powerState: 'SHUTDOWN', host: 'host-1' });
    expect(await fake.images.listImages({ kind: 'shelved' })).toMatchObject([{ id: shelvedImageId }]);
    expect(await does(fake, uuid, 'unshelve')).toMatchObject({ state: 'succeeded' });
    expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState: 'active', shelvedImageId: null });
    expect(fake.images.ids).toEqual([imageId]);
    await fake.settled(fake.compute.close());
  });

  it('frees the host when it is offloaded; the volumes stay reserved', async () => {
    const { fake, uuid } = await withInstance('shelve', 'shelveOffload');
    expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState: 'shelved_offloaded', host: null });
    expect(fake.hypervisor.look(uuid)).toMatchObject({ guest: undefined, disks: [], vifs: [] });
    expect(fake.volumes.attachmentOf(volumeId)).toMatchObject({ instanceUuid: uuid, hosts: [] });
    const [shelved] = await fake.images.listImages({ kind: 'shelved' });

    expect(await does(fake, uuid, 'unshelve')).toMatchObject({ state: 'succeeded' });
    expect(await fake.store.getInstance(uuid)).toMatchObject({
      vmState: 'active',
      host: 'host-1',
      shelvedImageId: null,
      image: { id: 'image-1' },
    });
    // A copy of what was shelved.
    expect(fake.hypervisor.look(uuid).disks).toMatchObject([{ content: { origin: 'image-1' } }]);
    expect(shelved).toBeDefined();
    expect(fake.volumes.attachmentOf(volumeId)?.hosts).toHaveLength(1);
    expect(fake.images.ids).toEqual([imageId]);
    await fake.settled(fake.compute.close());
  });

  it('is not offloaded while its image is not good', async () => {
    const { fake, uuid } = await withInstance('shelve');
    const { shelvedImageId } = await fake.store.getInstance(uuid);
    await fake.images.deleteImage(shelvedImageId ?? '');
    expect(await does(fake, uuid, 'shelveOffload')).toMatchObject({ failure: { code: 'IMAGE_NOT_FOUND' } });
    expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState: 'shelved', host: 'host-1' });
    expect(fake.hypervisor.look(uuid).disks).toHaveLength(1);
    await fake.settled(fake.compute.close());
  });

  it('that fails leaves the instance stopped and no image', async () => {
    const { fake, uuid } = await withInstance();
    fake.hypervisor.faults.add({ at: 'copyCapture', fault: { type: 'throw', error: new Error('no space') } });
    expect(await does(fake, uuid, 'shelve')).toMatchObject({ state: 'failed' });
    expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState: 'stopped', shelvedImageId: null });
    expect(fake.images.ids).toEqual([imageId]);
    await fake.settled(fake.compute.close());
  });
});

describe('unshelving', () => {
  it.each(['createDisk', 'define', 'start'] as const)(
    'from the image that fails at %s leaves nothing here, and works later',
    async (at) => {
      const { fake, uuid } = await withInstance('shelve', 'shelveOffload');
      fake.hypervisor.faults.add({ at, fault: { type: 'throw', error: new Error('out of luck') } });
      expect(await does(fake, uuid, 'unshelve')).toMatchObject({ state: 'failed' });
      expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState: 'shelved_offloaded', host: null });
      expect(fake.hypervisor.look(uuid)).toMatchObject({ guest: undefined, disks: [], vifs: [] });
      expect(fake.volumes.attachmentOf(volumeId)?.hosts).toEqual([]);
      expect(await does(fake, uuid, 'unshelve')).toMatchObject({ state: 'succeeded' });
      await fake.settled(fake.compute.close());
    },
  );

  it.each([
    { at: 'createDisk', when: 'after' },
    { at: 'start', when: 'after' },
    { at: 'readState', when: 'after' },
  ] as const)('from the image goes on after a death $when $at', async ({ at, when }) => {
    const { fake, uuid } = await withInstance('shelve', 'shelveOffload');
    const died = Promise.withResolvers<void>();
    fake.hypervisor.faults.add({ at, fault: { type: 'die', die: died.resolve, when } });
    const { action } = await fake.settled(fake.compute.api.images.unshelve(tenant, uuid));
    await fake.settled(died.promise);
    fake.hypervisor.faults.clear();

    const next = await fake.restarted();

    expect(await next.store.getAction(action.uuid)).toMatchObject({ state: 'succeeded' });
    const { vmState, host, shelvedImageId } = await next.store.getInstance(uuid);
    expect({ vmState, host, shelvedImageId }).toEqual({ vmState: 'active', host: 'host-1', shelvedImageId: null });
    expect(next.hypervisor.look(uuid).guest?.state).toBe('running');
    await next.settled(next.compute.recovered());
    expect(fake.images.ids).toEqual([imageId]);
    await next.settled(next.compute.close());
  });

  it('succeeds all the same when the image cannot be deleted; it goes with the instance', async () => {
    const { fake, uuid } = await withInstance('shelve');
    fake.providerFaults.add({
      at: 'images.deleteImage',
      fault: { type: 'throw', error: new ComputeError('STORE_UNAVAILABLE', {}) },
    });
    expect(await does(fake, uuid, 'unshelve')).toMatchObject({ state: 'succeeded' });
    expect(fake.images.ids).toHaveLength(2);
    const deleted = await fake.settled(fake.compute.api.delete(tenant, uuid));
    expect(await fake.settled(deleted.finished)).toMatchObject({ state: 'succeeded' });
    expect(fake.images.ids).toEqual([imageId]);
    await fake.settled(fake.compute.close());
  });
});

describe('an unshelve of what was offloaded', () => {
  it.each([
    ['an image with a disk', {}],
    ['an image with properties', { properties: { hw_disk_bus: 'scsi' } }],
    ['an image that boots a kernel beside its disk', { location: { disk: '/images/d', kernel: '/images/k' } }],
  ])(
    'gives the driver the instance’s own image, with the place of the one it was shelved in: %s',
    async (_, fields) => {
      const { fake, uuid } = await withInstance();
      const { image } = await fake.store.getInstance(uuid);
      const own = { ...image, ...fields };
      await fake.store.commit([{ write: 'update-instance', uuid, patch: { image: own }, guard: {} }]);
      fake.hypervisor.writeDisk(uuid, 'root', 'a letter');
      for (const verb of ['shelve', 'shelveOffload'] as const) await does(fake, uuid, verb);
      const [shelved] = await fake.images.listImages({ kind: 'shelved' });
      const { location } = await fake.images.getImage(shelved?.id ?? '', { projectId: tenant.projectId });
      expect(await does(fake, uuid, 'unshelve')).toMatchObject({ state: 'succeeded' });
      const given = fake.hypervisor.look(uuid).guest?.definition.image;
      expect(given).toMatchObject({ id: own.id, name: own.name, properties: own.properties });
      expect(given?.location).toEqual({ ...own.location, ...location });
      expect(fake.hypervisor.look(uuid).disks).toMatchObject([{ content: { written: ['a letter'] } }]);
      expect((await fake.store.getInstance(uuid)).image).toEqual(own);
      await fake.settled(fake.compute.close());
    },
  );
});

it('an offloaded instance is deleted with its image', async () => {
  const { fake, uuid } = await withInstance('shelve', 'shelveOffload');
  const deleted = await fake.settled(fake.compute.api.delete(tenant, uuid));
  expect(await fake.settled(deleted.finished)).toMatchObject({ state: 'succeeded' });
  expect(fake.images.ids).toEqual([imageId]);
  expect(fake.volumes.attachmentOf(volumeId)).toBeNull();
  await fake.settled(fake.compute.close());
});

describe('the image that an instance was shelved in', () => {
  const ends = {
    'a delete': ({ compute }: ProvidedCompute, uuid: string) => compute.api.delete(tenant, uuid),
    'an unshelve': ({ compute }: ProvidedCompute, uuid: string) => compute.api.images.unshelve(tenant, uuid),
    'a restore': ({ compute }: ProvidedCompute, uuid: string) => compute.api.restore(tenant, uuid),
  } as const;

  async function shelved(end: keyof typeof ends) {
    const { fake, uuid } = await withInstance('shelve');
    if (end !== 'a restore') return { fake, uuid };
    const hidden = await fake.settled(fake.compute.api.softDelete(tenant, uuid));
    expect(await fake.settled(hidden.finished)).toMatchObject({ state: 'succeeded' });
    return { fake, uuid };
  }

  it.each(['a delete', 'an unshelve', 'a restore'] as const)(
    'is on record until its store has removed it, which it does later than %s',
    async (end) => {
      const { fake, uuid } = await shelved(end);
      const { shelvedImageId } = await fake.store.getInstance(uuid);
      const error = new ComputeError('STORE_UNAVAILABLE', {});
      fake.providerFaults.add({ at: 'images.deleteImage', fault: { type: 'throw', error } });
      const ended = await fake.settled(ends[end](fake, uuid));
      expect(await fake.settled(ended.finished)).toMatchObject({ state: 'succeeded' });
      expect(fake.images.ids).toEqual([imageId, shelvedImageId]);
      const pendingRelease = [{ kind: 'image', imageId: shelvedImageId }];
      expect(await fake.store.getInstance(uuid)).toMatchObject({ pendingRelease });
      await fake.clock.advance(61_000);
      expect(fake.images.ids).toEqual([imageId]);
      expect(await fake.store.getInstance(uuid)).toMatchObject({ pendingRelease: [] });
      await fake.settled(fake.compute.close());
    },
  );

  it.each(['a delete', 'an unshelve', 'a restore'] as const)(
    'is removed by the next process when this one dies at the end of %s',
    async (end) => {
      const { fake, uuid } = await shelved(end);
      const died = Promise.withResolvers<void>();
      fake.providerFaults.add({ at: 'images.deleteImage', fault: { type: 'die', die: died.resolve, when: 'before' } });
      await fake.settled(ends[end](fake, uuid));
      await fake.settled(died.promise);
      fake.providerFaults.clear();
      const next = await fake.restarted();
      await next.clock.advance(61_000);
      expect(fake.images.ids).toEqual([imageId]);
      expect(await next.store.getInstance(uuid)).toMatchObject({ taskState: null, pendingRelease: [] });
      await next.settled(next.compute.close());
    },
  );

  it('is removed by the next process when this one dies before the last commit of a restore', async () => {
    const { fake, uuid } = await shelved('a restore');
    const died = Promise.withResolvers<void>();
    fake.hypervisor.faults.add({ at: 'start', fault: { type: 'die', die: died.resolve, when: 'after' } });
    await fake.settled(ends['a restore'](fake, uuid));
    await fake.settled(died.promise);
    fake.hypervisor.faults.clear();
    const next = await fake.restarted();
    expect(await next.store.getInstance(uuid)).toMatchObject({ vmState: 'active', shelvedImageId: null });
    await next.clock.advance(61_000);
    expect(fake.images.ids).toEqual([imageId]);
    await next.settled(next.compute.close());
  });

  it('is removed after a rebuild of an instance that an administrator has set to error', async () => {
    const { fake, uuid } = await shelved('an unshelve');
    await fake.settled(fake.compute.operator.resetState(admin, uuid, 'error'));
    const rebuilt = await fake.settled(fake.compute.api.repair.rebuild(tenant, uuid, { imageId }));
    expect(await fake.settled(rebuilt.finished)).toMatchObject({ state: 'succeeded' });
    await fake.clock.advance(61_000);
    expect(fake.images.ids).toEqual([imageId]);
    expect(await fake.store.getInstance(uuid)).toMatchObject({ shelvedImageId: null, pendingRelease: [] });
    await fake.settled(fake.compute.close());
  });

  it.each([
    ['a guest that is found running', { vmState: 'active' }, true],
    ['a delete', { vmState: 'deleted' }, true],
    ['a failure', { vmState: 'error' }, false],
    ['an offload', { vmState: 'shelved_offloaded' }, false],
  ] as const)('is listed by %s in the change that forgets it, beside what is listed already', (_, patch, isListed) => {
    const [image, other] = [{ kind: 'image', imageId: 'a' } as const, { kind: 'interface', interfaceId: 'b' } as const];
    const before = { shelvedImageId: 'a', pendingRelease: [{ ...other, sinceMs: 1 }] };
    const { shelvedImageId, pendingRelease } = recordInvariants(before, patch, 2);
    expect(shelvedImageId).toBe(isListed ? null : undefined);
    const listed = [...before.pendingRelease, { ...image, sinceMs: 2 }];
    expect(pendingRelease).toEqual(isListed ? listed : undefined);
    const said = recordInvariants(before, { ...patch, pendingRelease: [] }, 2).pendingRelease;
    expect(said).toEqual(isListed ? [{ ...image, sinceMs: 2 }] : []);
  });

  it.each(['forceStop', 'softDelete', 'delete'] as const)(
    'goes when %s comes between its finish and the end of the shelve',
    async (verb) => {
      const { fake, uuid } = await withInstance();
      const other = Promise.withResolvers<AcceptedAction>();
      const meet = async (): Promise<void> => other.resolve(await fake.compute.api[verb](tenant, uuid));
      fake.providerFaults.add({ at: 'images.finishImage', fault: { type: 'meet', meet, when: 'after' } });
      expect(await does(fake, uuid, 'shelve')).toMatchObject({ state: 'cancelled' });
      const { finished } = await fake.settled(other.promise);
      expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });
      expect(fake.images.ids).toEqual([imageId]);
      expect(await fake.store.getInstance(uuid)).toMatchObject({ shelvedImageId: null });
      await fake.settled(fake.compute.close());
    },
  );
});

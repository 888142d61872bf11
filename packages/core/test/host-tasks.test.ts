import { ComputeError, type HostLifeConfiguration } from '@virtkit/core';
import type { InstancePatch } from '@virtkit/core/store';
import { describe, expect, it } from 'vitest';
import { specOf } from '../src/model/instance.js';
import { builtInstance } from './support/built-instance.js';
import { admin, createRequest, fakeCompute, quietLife, tenant, type FakeCompute } from './support/fake-compute.js';
import { imageId, providedCompute } from './support/memory-providers.js';

const hour = 3_600_000;

async function fakeWith(
  life: HostLifeConfiguration,
  everyMs: HostLifeConfiguration['everyMs'] = {},
): Promise<FakeCompute> {
  return await fakeCompute({ hostLife: { ...life, everyMs: { ...quietLife.everyMs, ...everyMs } } });
}

async function patched(fake: FakeCompute, uuid: string, patch: InstancePatch): Promise<void> {
  await fake.store.commit([{ write: 'update-instance', uuid, patch, guard: {} }]);
}

const taskOf = async (fake: FakeCompute, name: string) =>
  (await fake.compute.operator.health(admin)).tasks.find((task) => task.name === name);

describe('states that come to their end by themselves', () => {
  it('unrescues what was rescued for too long, as an action of the service, and nothing before its time', async () => {
    await using fake = await fakeWith({ rescueTimeoutMs: hour }, { autoUnrescue: 60_000 });
    const { uuid } = await builtInstance(fake);
    const { finished } = await fake.settled(fake.compute.api.repair.rescue(tenant, uuid));
    expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });

    await fake.clock.advance(hour - 60_000);
    expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState: 'rescued' });
    await fake.clock.advance(180_000);
    expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState: 'active', taskState: null });
    expect((await fake.store.listActions(uuid))[0]).toMatchObject({ operation: 'unrescue', state: 'succeeded' });
  });

  it('reclaims what is soft-deleted for too long, past one whose guest cannot be removed', async () => {
    await using fake = await fakeWith({ reclaimAfterMs: hour }, { reclaim: 60_000 });
    const [stuck, other] = [await builtInstance(fake), await builtInstance(fake, { name: 'web-2' })];
    // At one moment, so that one run finds both.
    const deleting = [stuck, other].map(async ({ uuid }) => (await fake.compute.api.softDelete(tenant, uuid)).finished);
    await fake.settled(Promise.all(deleting));
    const at = { at: 'destroy', instanceUuid: stuck.uuid, times: 'always' } as const;
    fake.hypervisor.faults.add({ ...at, fault: { type: 'hang', until: 'never' } });

    await fake.clock.advance(hour + 120_000);
    expect(await fake.store.getInstance(other.uuid)).toMatchObject({ vmState: 'deleted' });
    expect(await fake.store.getInstance(stuck.uuid)).toMatchObject({ vmState: 'soft-delete', taskState: 'deleting' });
    const { busy } = await fake.compute.operator.health(admin);
    expect(busy).toMatchObject([
      { instanceUuid: stuck.uuid, taskState: 'deleting', carriedOut: { operation: 'terminate' } },
    ]);
  });

  it('cancels a build that takes too long, and ends one that nobody began', async () => {
    await using fake = await fakeWith({ buildTimeoutMs: 600_000 }, { buildTimeout: 60_000 });
    fake.hypervisor.faults.add({ at: 'spawn', fault: { type: 'hang', until: 'abort' } });
    const slow = await fake.settled(fake.compute.api.create(tenant, createRequest()));

    await fake.clock.advance(800_000);
    const { uuid } = slow.instance;
    expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState: 'error', taskState: null });
    expect(await fake.store.getAction(slow.action.uuid)).toMatchObject({
      state: 'failed',
      failure: { code: 'DEADLINE_EXCEEDED' },
    });
  });

  it('goes on with its other tasks while one of them fails', async () => {
    await using fake = await fakeWith({ rescueTimeoutMs: hour }, { imageCache: 60_000, resourceAudit: 60_000 });
    await builtInstance(fake);
    const error = new ComputeError('HYPERVISOR_UNAVAILABLE', {});
    fake.hypervisor.faults.add({ at: 'manageImageCache', times: 'always', fault: { type: 'throw', error } });

    await fake.clock.advance(300_000);
    expect(await taskOf(fake, 'imageCache')).toMatchObject({
      lastFailure: { failure: { code: 'HYPERVISOR_UNAVAILABLE' } },
    });
    expect(await taskOf(fake, 'resourceAudit')).toMatchObject({ failuresInARow: 0, lastFailure: null });
    expect((await taskOf(fake, 'resourceAudit'))?.lastEndedAtMs).not.toBeNull();
  });

  it('keeps the images in use on the host, and lets go of those that nothing was made from for long', async () => {
    await using fake = await providedCompute({ hostLife: { everyMs: { ...quietLife.everyMs, imageCache: 60_000 } } });
    const { host } = fake.compute.operator;
    const unused = '00000000-0000-4000-b000-00000000000f';
    fake.images.add(unused);
    const { image: _image, ...request } = createRequest();
    await fake.settled((await fake.settled(fake.compute.api.create(tenant, { ...request, imageId }))).finished);
    for (const id of [imageId, unused]) await fake.settled(host.cacheImage(admin, id));

    await fake.clock.advance(130_000);
    expect(await fake.settled(host.cacheImage(admin, unused))).toBe('existing');
    fake.hypervisor.ageKeptImages(24 * hour);
    await fake.clock.advance(130_000);
    expect(await fake.settled(host.cacheImage(admin, imageId))).toBe('existing');
    expect(await fake.settled(host.cacheImage(admin, unused))).toBe('cached');
    expect(await taskOf(fake, 'imageCache')).toMatchObject({ failuresInARow: 0, lastFailure: null });
  });
});

describe('guests that no instance accounts for', () => {
  it.each([
    ['alert', true],
    ['reap', false],
  ] as const)(
    'are told once and left alone, but those of deleted instances with %s',
    async (guestsOfDeleted, stays) => {
      await using fake = await fakeWith({ guestsOfDeleted }, { guestAudit: 600_000 });
      const [known, deleted, elsewhere] = [
        await builtInstance(fake),
        await builtInstance(fake),
        await builtInstance(fake),
      ];
      await patched(fake, deleted.uuid, { vmState: 'deleted' });
      await patched(fake, elsewhere.uuid, { host: 'host-2' });
      const told: unknown[] = [];
      fake.compute.events.on('guest.unknown', (guest) => told.push(guest));

      await fake.clock.advance(1_300_000);

      const lost = { instanceUuid: deleted.uuid, because: 'deleted' };
      const moved = { instanceUuid: elsewhere.uuid, because: 'elsewhere' };
      expect(told).toHaveLength(stays ? 2 : 1);
      expect(told).toEqual(expect.arrayContaining(stays ? [lost, moved] : [moved]));
      expect((await fake.compute.operator.health(admin)).unknownGuests).toHaveLength(stays ? 2 : 1);
      const has = (uuid: string): boolean => fake.hypervisor.look(uuid).guest !== undefined;
      expect([known.uuid, deleted.uuid, elsewhere.uuid].map(has)).toEqual([true, stays, true]);
    },
  );

  it('are never destroyed when there is no record of them at all, whoever made them', async () => {
    const lost = await fakeCompute();
    const { uuid: instanceUuid } = await builtInstance(lost);
    await lost.settled(lost.compute.close());
    const { clock, hypervisor } = lost;
    const foreign = '00000000-0000-4000-8000-0000000000ff';
    hypervisor.addForeignGuest({ ...specOf(await lost.store.getInstance(instanceUuid)), uuid: foreign });

    // The store is a new one: everything that was in it is gone.
    const hostLife = { guestsOfDeleted: 'reap', everyMs: { ...quietLife.everyMs, guestAudit: 600_000 } } as const;
    await using fake = await fakeCompute({ clock, hypervisor, hostLife });
    await clock.advance(2_000_000);
    const { unknownGuests } = await fake.compute.operator.health(admin);
    expect(unknownGuests).toEqual([{ instanceUuid, because: 'no record' }]);
    const query = { afterSequence: 0, instanceUuid, countMax: 10 };
    expect(await fake.compute.operator.listNotifications(admin, query)).toMatchObject([
      { eventType: 'compute.guest.unknown', priority: 'ERROR' },
    ]);
    expect([instanceUuid, foreign].map((uuid) => hypervisor.look(uuid).guest?.state)).toEqual(['running', 'running']);
  });
});

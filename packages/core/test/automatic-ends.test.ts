import type { HostLifeConfiguration } from '@virtkit/core';
import { newInstance, type InstanceAction } from '@virtkit/core/store';
import { describe, expect, it } from 'vitest';
import { specOf } from '../src/model/instance.js';
import { builtInstance } from './support/built-instance.js';
import { createRequest, fakeCompute, quietLife, tenant } from './support/fake-compute.js';
import { imageId, providedCompute, volumeIds } from './support/memory-providers.js';
import { resized } from './support/move-stories.js';
import { ended, instanceUuid, ownerContext, runningInstance } from './support/running-instance.js';
import { twoHosts } from './support/two-hosts.js';

const [minute, hour] = [60_000, 3_600_000];
type Every = HostLifeConfiguration['everyMs'] & {};

const life = (configuration: HostLifeConfiguration, everyMs: Every): HostLifeConfiguration => ({
  ...configuration,
  everyMs: { ...quietLife.everyMs, ...everyMs },
});

describe('a resize', () => {
  const confirming = life({ confirmResizeAfterMs: hour }, { autoConfirmResize: minute });

  it.each(['alpha', 'beta'] as const)('to %s is confirmed when its time is over, and not before', async (host) => {
    await using hosts = await twoHosts({ compute: { hostLife: confirming } });
    expect(await resized(host)(hosts)).toMatchObject({ state: 'succeeded' });
    await hosts.clock.advance(hour - 2 * minute);
    expect(await hosts.record()).toMatchObject({ vmState: 'resized', host });

    await hosts.clock.advance(4 * minute);
    expect(await hosts.record()).toMatchObject({ vmState: 'active', taskState: null, host, flavor: { name: 'large' } });
    expect(await hosts.status()).toBe('confirmed');
    const other = host === 'alpha' ? 'beta' : 'alpha';
    expect([hosts.leftOn(host), hosts.leftOn(other)]).toEqual([['guest running', 'disk', 'vif'], []]);
    const [newest] = await hosts.store.listActions(instanceUuid);
    expect(newest).toMatchObject({ operation: 'confirmResize', state: 'succeeded', host });
  });

  it('that was reverted in time is not confirmed', async () => {
    await using hosts = await twoHosts({ compute: { hostLife: confirming } });
    await resized('beta')(hosts);
    const { beta } = hosts;
    await ended(beta, beta.compute.api.moves.revertResize(ownerContext(), instanceUuid));
    await hosts.clock.advance(2 * hour);
    expect(await hosts.record()).toMatchObject({ vmState: 'active', host: 'alpha', flavor: { name: 'small' } });
    const operations = (await hosts.store.listActions(instanceUuid)).map(({ operation }) => operation);
    expect(operations).not.toContain('confirmResize');
  });
});

describe('a shelved instance', () => {
  const offloading = life({ shelvedOffloadAfterMs: hour }, { shelvedOffload: minute });

  it('is offloaded when its time is over, and comes back from its image', async () => {
    await using fake = await runningInstance({ hostLife: offloading });
    const { images } = fake.compute.api;
    expect(await ended(fake, images.shelve(ownerContext(), instanceUuid))).toMatchObject({ state: 'succeeded' });
    await fake.clock.advance(hour - 2 * minute);
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'shelved', host: 'host-1' });

    await fake.clock.advance(4 * minute);
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'shelved_offloaded', host: null });
    expect(fake.hypervisor.look(instanceUuid)).toMatchObject({ guest: undefined, disks: [], vifs: [] });
    expect(fake.images.ids).toHaveLength(2);
    expect(await ended(fake, images.unshelve(ownerContext(), instanceUuid))).toMatchObject({ state: 'succeeded' });
    expect(fake.images.ids).toEqual([imageId]);
  });

  it('whose image is gone is not offloaded: its disk is all that there is', async () => {
    await using fake = await runningInstance({ hostLife: offloading });
    await ended(fake, fake.compute.api.images.shelve(ownerContext(), instanceUuid));
    const { shelvedImageId } = await fake.store.getInstance(instanceUuid);
    await fake.images.deleteImage(shelvedImageId ?? '');
    await fake.clock.advance(hour + 2 * minute);
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'shelved', taskState: null });
    expect(fake.hypervisor.look(instanceUuid).disks).toHaveLength(1);
    const [newest] = await fake.store.listActions(instanceUuid);
    expect(newest).toMatchObject({ operation: 'shelveOffload', failure: { code: 'IMAGE_NOT_FOUND' } });
  });
});

describe('a soft-deleted instance', () => {
  const reclaiming = life({ reclaimAfterMs: hour }, { reclaim: minute });

  it('is deleted when its time is over, with all that it had', async () => {
    await using fake = await providedCompute({ hostLife: reclaiming });
    const { image: _image, networkInterfaces: _described, ...request } = createRequest({ uuid: instanceUuid });
    const belongings = { imageId, networks: [{}], volumes: [{ volumeId: volumeIds[0] }] };
    await ended(fake, fake.compute.api.create(tenant, { ...request, ...belongings }));
    await ended(fake, fake.compute.api.softDelete(tenant, instanceUuid));
    await fake.clock.advance(hour - 2 * minute);
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'soft-delete' });

    await fake.clock.advance(4 * minute);
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'deleted', taskState: null });
    expect(fake.hypervisor.look(instanceUuid)).toMatchObject({ guest: undefined, disks: [], vifs: [] });
    expect(fake.volumes.attachmentOf(volumeIds[0])).toBeNull();
    expect(fake.networks.idsOf(instanceUuid)).toEqual([]);
  });

  it('that was restored in time lives', async () => {
    await using fake = await runningInstance({ hostLife: reclaiming });
    await ended(fake, fake.compute.api.softDelete(tenant, instanceUuid));
    await fake.clock.advance(hour - 2 * minute);
    await ended(fake, fake.compute.api.restore(tenant, instanceUuid));
    await fake.clock.advance(2 * hour);
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'active', taskState: null });
  });
});

describe('a build that was accepted by a process that died before it began', () => {
  /** As that process has left it, on a host whose manager looks at nothing by itself but what it is told to. */
  async function accepted(everyMs: Every, late: Partial<InstanceAction> = {}) {
    const fake = await fakeCompute({ hostLife: life({ buildTimeoutMs: 10 * minute }, everyMs) });
    const built = await builtInstance(fake);
    const [build] = await fake.store.listActions(built.uuid);
    if (!build) throw new Error('the instance was never built');
    const uuid = globalThis.crypto.randomUUID();
    const fresh = {
      state: 'queued',
      epoch: null,
      startedAtMs: null,
      finishedAtMs: null,
      acceptedAtMs: fake.clock.now(),
    };
    const action = { ...build, ...fresh, ...late, uuid, instanceUuid } as InstanceAction;
    const hold = { host: 'host-1', taskState: 'scheduling', taskOwner: uuid } as const;
    const described = { ...specOf(built), uuid: instanceUuid };
    await fake.store.commit([
      { write: 'create-instance', instance: newInstance({ ...described, ...hold }, fake.clock.now()) },
      { write: 'create-action', action },
    ]);
    return { fake, action };
  }

  it('is begun by the next process', async () => {
    const { fake, action } = await accepted({});
    await fake.settled(fake.compute.close());
    await using next = await fake.restarted();
    expect(await next.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'active', taskState: null });
    expect(await next.store.getAction(action.uuid)).toMatchObject({ state: 'succeeded' });
    expect(next.hypervisor.look(instanceUuid).guest?.state).toBe('running');
  });

  it.each([
    ['wanted no more', { cancelRequestedAtMs: 1 }, 'cancelled', 'ABORTED'],
    ['too late', { deadlineAtMs: 1 }, 'failed', 'DEADLINE_EXCEEDED'],
  ] as const)('and is %s ends in error, unbuilt, and may be deleted', async (_, late, state, code) => {
    const { fake, action } = await accepted({}, late);
    await fake.settled(fake.compute.close());
    await using next = await fake.restarted();
    expect(await next.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'error', taskState: null });
    expect(await next.store.getAction(action.uuid)).toMatchObject({ state, failure: { code } });
    expect(await next.store.listFaults(instanceUuid)).toMatchObject([{ code }]);
    expect(next.hypervisor.look(instanceUuid).guest).toBeUndefined();
    expect(await ended(next, next.compute.api.delete(tenant, instanceUuid))).toMatchObject({ state: 'succeeded' });
  });

  it('is ended where nobody takes it up, when its time is over', async () => {
    const { fake, action } = await accepted({ buildTimeout: minute });
    await using _ = fake;
    await fake.clock.advance(8 * minute);
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'building' });
    await fake.clock.advance(4 * minute);
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'error', taskState: null });
    const failure = { code: 'DEADLINE_EXCEEDED' };
    expect(await fake.store.getAction(action.uuid)).toMatchObject({ state: 'failed', failure });
  });

  it('is taken up from the queue by whoever looks after the host meanwhile', async () => {
    const { fake, action } = await accepted({ buildTimeout: minute, actionSweep: 1_000 });
    await using _ = fake;
    await fake.clock.advance(20 * minute);
    expect(await fake.store.getAction(action.uuid)).toMatchObject({ state: 'succeeded' });
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'active', taskState: null });
  });
});

import type { TenantAction } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { brokenBelongings } from './support/belongings-promises.js';
import { driverWith } from './support/driver-with.js';
import { createRequest, tenant } from './support/fake-compute.js';
import { imageId, providedCompute, volumeIds, type ProvidedCompute } from './support/memory-providers.js';
import { brokenPromises, foreignError } from './support/promises.js';
import { ended, instanceUuid, ownerContext } from './support/running-instance.js';

const newImageId = '00000000-0000-4000-b000-000000000002';
const mark = 'what a tenant has written';
const [volumeId] = volumeIds;

/** A driver that cannot rebuild, and a guest with a volume and an interface, both of which it uses. */
async function withGuest(vmState: 'active' | 'stopped' = 'active'): Promise<ProvidedCompute> {
  const definition = driverWith((all) => ({ ...all, rebuild: { unsupportedBecause: 'it has no such call' } }));
  const fake = await providedCompute({ definition });
  fake.images.add(newImageId);
  const { image: _image, networkInterfaces: _described, ...request } = createRequest({ uuid: instanceUuid });
  const belongings = { imageId, networks: [{}], volumes: [{ volumeId }] };
  expect(await ended(fake, fake.compute.api.create(tenant, { ...request, ...belongings }))).toMatchObject({
    state: 'succeeded',
  });
  fake.hypervisor.writeDisk(instanceUuid, volumeId, mark);
  if (vmState === 'stopped') await ended(fake, fake.compute.api.stop(tenant, instanceUuid));
  fake.hypervisor.journal.clear();
  return fake;
}

const rebuild = (fake: ProvidedCompute): Promise<TenantAction> =>
  ended(fake, fake.compute.api.repair.rebuild(ownerContext(), instanceUuid, { imageId: newImageId }));

/** The image its disk was made from, and what stands on its volume. */
function disksOf({ hypervisor }: ProvidedCompute) {
  const { disks, devices } = hypervisor.look(instanceUuid);
  const volume = devices?.blockDevices.find(({ id }) => id === volumeId);
  return { root: disks.find(({ id }) => id === 'root')?.content.origin, volume: volume?.content?.written };
}

async function belongingsOf({ store, networks, volumes }: ProvidedCompute) {
  const { networkInterfaces, blockDevices } = await store.getInstance(instanceUuid);
  const held = [networks.idsOf(instanceUuid), volumes.attachmentOf(volumeId)];
  return { networkInterfaces, blockDevices, held };
}

describe('a rebuild by a driver that has no rebuild', () => {
  it.each([
    ['active', 'running'],
    ['stopped', 'shut-off'],
  ] as const)('makes a guest that was %s again, with a fresh disk and all that it had', async (vmState, state) => {
    await using fake = await withGuest(vmState);
    const before = await belongingsOf(fake);
    expect(await rebuild(fake)).toMatchObject({ state: 'succeeded' });
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState, taskState: null });
    expect(fake.hypervisor.look(instanceUuid).guest?.state).toBe(state);
    expect(disksOf(fake)).toEqual({ root: newImageId, volume: [mark] });
    expect(await belongingsOf(fake)).toEqual(before);
    expect(await brokenBelongings(fake, instanceUuid)).toEqual([]);
  });
});

/** Every step of the hypervisor on the way. */
const steps = await (async () => {
  await using fake = await withGuest();
  await rebuild(fake);
  return fake.hypervisor.journal.points();
})();

const whens = ['before', 'after'] as const;
const ways = ['rebuild', 'hardReboot', 'delete'] as const;
const cases = steps.flatMap(({ at, nth }) => whens.flatMap((when) => ways.map((way) => ({ at, nth, when, way }))));

describe('a rebuild by a driver that has no rebuild, cut off', () => {
  it('goes through enough to be cut off in', () => {
    expect(steps.map(({ at }) => at)).toEqual(expect.arrayContaining(['destroy', 'spawn', 'createDisk', 'start']));
  });

  it.each(cases)('$when $at ($nth): volume and interface are kept, and a $way leads out', async (planned) => {
    const { at, nth, when, way } = planned;
    await using fake = await withGuest();
    const before = await belongingsOf(fake);
    fake.hypervisor.faults.add({ at, nth, fault: { type: 'throw', error: foreignError(), when } });
    const action = await rebuild(fake);
    const settled = { fake, instanceUuid, action, planted: 'canaries', lostWrites: 'none' } as const;
    if (action.state === 'failed') expect(await brokenPromises(settled)).toEqual([]);
    const { networkInterfaces, held } = await belongingsOf(fake);
    expect({ networkInterfaces, held }).toEqual({ networkInterfaces: before.networkInterfaces, held: before.held });
    const { vmState } = await fake.store.getInstance(instanceUuid);
    expect(['active', 'error']).toContain(vmState);
    const { guest, disks } = fake.hypervisor.look(instanceUuid);
    expect(vmState).toBe(guest?.state === 'running' ? 'active' : 'error');

    const { api } = fake.compute;
    const out = {
      rebuild: () => rebuild(fake),
      hardReboot: () => ended(fake, api.reboot(tenant, instanceUuid, 'HARD')),
      delete: () => ended(fake, api.delete(tenant, instanceUuid)),
    }[way];
    const led = await out();
    if (way === 'hardReboot' && disks.length === 0) {
      // It starts from the disks that are there, and the old one is gone: it says so, and a rebuild makes the new one.
      expect(led).toMatchObject({ state: 'failed', failure: { code: 'GUEST_START_FAILED' } });
      expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'error', taskState: null });
      expect(await rebuild(fake)).toMatchObject({ state: 'succeeded' });
    } else expect(led).toMatchObject({ state: 'succeeded' });
    expect(await brokenBelongings(fake, instanceUuid)).toEqual([]);
    if (way === 'delete') return;
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'active', taskState: null });
    expect(disksOf(fake).volume).toEqual([mark]);
    if (way === 'rebuild') expect(disksOf(fake).root).toBe(newImageId);
  });
});

import { ComputeError, Secret } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { createRequest, tenant } from './support/fake-compute.js';
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

const rootOrigin = (fake: ProvidedCompute, uuid: string): string | undefined =>
  fake.hypervisor.look(uuid).disks.find(({ id }) => id === 'root')?.content.origin;

describe('a rescue', () => {
  it('boots another image, and an unrescue the own disk again', async () => {
    const { fake, uuid } = await withInstance();
    const password = new Secret('open sesame');
    const rescued = await done(fake, (api) => api.repair.rescue(tenant, uuid, { imageId, password }));
    expect(rescued).toMatchObject({ state: 'succeeded' });
    expect(await fake.compute.api.get(tenant, uuid)).toMatchObject({ vmState: 'rescued', powerState: 'RUNNING' });
    expect(fake.hypervisor.look(uuid).guest).toMatchObject({ state: 'running', bootsFrom: 'rescue-image' });
    expect(JSON.stringify(await fake.store.listActions(uuid)) + fake.logLines.join('')).not.toContain('open sesame');
    expect(await done(fake, (api) => api.repair.unrescue(tenant, uuid))).toMatchObject({ state: 'succeeded' });
    expect(await fake.compute.api.get(tenant, uuid)).toMatchObject({ vmState: 'active', powerState: 'RUNNING' });
    expect(fake.hypervisor.look(uuid).guest).toMatchObject({ state: 'running', bootsFrom: 'own-disk' });
    await fake.settled(fake.compute.close());
  });

  it('takes the own image when none is named', async () => {
    const { fake, uuid } = await withInstance();
    expect(await done(fake, (api) => api.repair.rescue(tenant, uuid))).toMatchObject({ state: 'succeeded' });
    expect(fake.providerFaults.calls).not.toContain('images.getImage');
    await fake.settled(fake.compute.close());
  });

  it('with an unknown image changes nothing', async () => {
    const { fake, uuid } = await withInstance();
    const asked = fake.settled(fake.compute.api.repair.rescue(tenant, uuid, { imageId: 'nowhere' }));
    await expect(asked).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
    expect(await fake.store.listActions(uuid)).toHaveLength(1);
    expect(await fake.compute.api.get(tenant, uuid)).toMatchObject({ vmState: 'active', powerState: 'RUNNING' });
    await fake.settled(fake.compute.close());
  });

  it('that changes nothing after the guest was stopped does not say that the guest runs', async () => {
    const { fake, uuid } = await withInstance();
    const error = new ComputeError('IMAGE_NOT_FOUND', { imageId });
    fake.hypervisor.faults.add({ at: 'rescue', fault: { type: 'throw', error } });
    expect(await done(fake, (api) => api.repair.rescue(tenant, uuid, { imageId }))).toMatchObject({ state: 'failed' });
    const { vmState, powerState } = await fake.compute.api.get(tenant, uuid);
    expect({ vmState, powerState }).toEqual({ vmState: 'error', powerState: 'SHUTDOWN' });
    expect(await done(fake, (api) => api.reboot(tenant, uuid, 'HARD'))).toMatchObject({ state: 'succeeded' });
    await fake.settled(fake.compute.close());
  });

  it.each([
    { given: {}, state: 'succeeded', vmState: 'rescued' },
    { given: { password: new Secret('x') }, state: 'failed', vmState: 'error' },
  ])('is done again after a death, unless a password is forgotten by then: $state', async ({ given, ...end }) => {
    const { fake, uuid } = await withInstance();
    const died = Promise.withResolvers<void>();
    fake.hypervisor.faults.add({ at: 'define', fault: { type: 'die', die: died.resolve, when: 'after' } });
    const { action } = await fake.compute.api.repair.rescue(tenant, uuid, { imageId, ...given });
    await fake.settled(died.promise);
    fake.hypervisor.faults.clear();
    const next = await fake.restarted();
    expect(await next.store.getAction(action.uuid)).toMatchObject({ state: end.state });
    expect(await next.store.getInstance(uuid)).toMatchObject({ vmState: end.vmState, taskState: null });
    await next.settled(next.compute.close());
  });

  it.each([
    [{ imageId: '' }, { field: 'imageId', accepted: '1 to 255 characters' }],
    [{ gracePeriodMs: -1 }, { field: 'gracePeriodMs', value: '-1' }],
    [{ password: 'plain' as unknown as Secret }, { field: 'password', accepted: 'a Secret of 1 to 1,024 characters' }],
  ])('is refused with what is wrong: %j', async (request, details) => {
    const { fake, uuid } = await withInstance();
    const asked = fake.compute.api.repair.rescue(tenant, uuid, request);
    await expect(asked).rejects.toMatchObject({ code: 'INVALID_INPUT', details });
    await fake.settled(fake.compute.close());
  });
});

describe('a rebuild', () => {
  it('gives a running guest a fresh disk of another image', async () => {
    const { fake, uuid } = await withInstance();
    const before = fake.hypervisor.look(uuid).disks[0]?.content.generation;
    const rebuilt = await done(fake, (api) => api.repair.rebuild(tenant, uuid, { imageId }));
    expect(rebuilt).toMatchObject({ state: 'succeeded' });
    expect(await fake.compute.api.get(tenant, uuid)).toMatchObject({ vmState: 'active', image: { id: imageId } });
    expect(rootOrigin(fake, uuid)).toBe(imageId);
    expect(fake.hypervisor.look(uuid).disks[0]?.content.generation).not.toBe(before);
    await fake.settled(fake.compute.close());
  });

  it('leaves a stopped instance stopped', async () => {
    const { fake, uuid } = await withInstance();
    await done(fake, (api) => api.stop(tenant, uuid));
    expect(await done(fake, (api) => api.repair.rebuild(tenant, uuid, { imageId }))).toMatchObject({
      state: 'succeeded',
    });
    expect(await fake.compute.api.get(tenant, uuid)).toMatchObject({ vmState: 'stopped', powerState: 'SHUTDOWN' });
    expect(rootOrigin(fake, uuid)).toBe(imageId);
    await fake.settled(fake.compute.close());
  });

  it('that is refused by the driver before anything has changed leaves the instance with its image', async () => {
    const { fake, uuid } = await withInstance();
    const error = new ComputeError('IMAGE_UNACCEPTABLE', { imageId, reason: 'format' });
    fake.hypervisor.faults.add({ at: 'rebuild', fault: { type: 'throw', error } });
    await done(fake, (api) => api.repair.rebuild(tenant, uuid, { imageId }));
    expect(await fake.compute.api.get(tenant, uuid)).toMatchObject({ vmState: 'active', image: { id: 'image-1' } });
    await fake.settled(fake.compute.close());
  });

  it('whose disk is gone is repaired by another rebuild', async () => {
    const { fake, uuid } = await withInstance();
    fake.hypervisor.faults.add({ at: 'createDisk', fault: { type: 'throw', error: new Error('no space') } });
    expect(await done(fake, (api) => api.repair.rebuild(tenant, uuid, { imageId }))).toMatchObject({ state: 'failed' });
    expect(fake.hypervisor.look(uuid).disks).toEqual([]);
    expect(await done(fake, (api) => api.repair.rebuild(tenant, uuid, { imageId }))).toMatchObject({
      state: 'succeeded',
    });
    expect(await fake.compute.api.get(tenant, uuid)).toMatchObject({ vmState: 'active' });
    await fake.settled(fake.compute.close());
  });

  it('that fails half way is in error, and a hard reboot starts it with the image that was asked for', async () => {
    const { fake, uuid } = await withInstance();
    fake.hypervisor.faults.add({ at: 'start', fault: { type: 'throw', error: new Error('no memory') } });
    expect(await done(fake, (api) => api.repair.rebuild(tenant, uuid, { imageId }))).toMatchObject({ state: 'failed' });
    expect(await fake.compute.api.get(tenant, uuid)).toMatchObject({ vmState: 'error', image: { id: imageId } });
    expect(await done(fake, (api) => api.reboot(tenant, uuid, 'HARD'))).toMatchObject({ state: 'succeeded' });
    expect(rootOrigin(fake, uuid)).toBe(imageId);
    await fake.settled(fake.compute.close());
  });

  it.each([
    ['it could not stop the guest', 'stop', 'before', 'image-1'],
    ['it could not remove the old disk', 'removeDisk', 'before', 'image-1'],
    ['the new disk does not start', 'start', 'before', imageId],
    ['it could not define the guest anew', 'define', 'before', imageId],
  ] as const)('that fails leaves a record that says of which image the disk is: %s', async (_, at, when, of) => {
    const { fake, uuid } = await withInstance();
    fake.hypervisor.faults.add({ at, fault: { type: 'throw', error: new Error('no'), when } });
    expect(await done(fake, (api) => api.repair.rebuild(tenant, uuid, { imageId }))).toMatchObject({ state: 'failed' });
    expect(rootOrigin(fake, uuid)).toBe(of);
    expect(await fake.compute.api.get(tenant, uuid)).toMatchObject({ image: { id: of } });
    await fake.settled(fake.compute.close());
  });

  it.each([
    ['removeDisk', 'before', 'image-1'],
    ['createDisk', 'after', imageId],
  ] as const)('whose process died leaves a record that says it as well: at %s, %s', async (at, when, of) => {
    const { fake, uuid } = await withInstance();
    const died = Promise.withResolvers<void>();
    fake.hypervisor.faults.add({ at, fault: { type: 'die', die: died.resolve, when } });
    await fake.compute.api.repair.rebuild(tenant, uuid, { imageId });
    await fake.settled(died.promise);
    fake.hypervisor.faults.clear();
    const next = await fake.restarted();
    expect(rootOrigin(fake, uuid)).toBe(of);
    expect(await next.compute.api.get(tenant, uuid)).toMatchObject({ taskState: null, image: { id: of } });
    await next.settled(next.compute.close());
  });
});

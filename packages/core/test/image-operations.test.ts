import { ComputeError } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { createRequest, fakeCompute, tenant } from './support/fake-compute.js';
import { imageId, providedCompute, type ProvidedCompute } from './support/memory-providers.js';

async function withInstance(): Promise<{ readonly fake: ProvidedCompute; readonly uuid: string }> {
  const fake = await providedCompute();
  const { instance, finished } = await fake.settled(fake.compute.api.create(tenant, createRequest()));
  expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });
  return { fake, uuid: instance.uuid };
}

type Images = ProvidedCompute['compute']['api']['images'];

async function done(fake: ProvidedCompute, ask: (images: Images) => ReturnType<Images['unshelve']>) {
  const accepted = await fake.settled(ask(fake.compute.api.images));
  return await fake.settled(accepted.finished);
}

function taskStatesOf(fake: ProvidedCompute): readonly string[] {
  const seen: string[] = [];
  fake.compute.events.on('instance.changed', ({ taskState }) => {
    if (taskState !== null && seen.at(-1) !== taskState) seen.push(taskState);
  });
  return seen;
}

describe('a snapshot', () => {
  it('makes an image and walks the task states; the guest goes on', async () => {
    const { fake, uuid } = await withInstance();
    const taskStates = taskStatesOf(fake);
    const action = await done(fake, (images) => images.snapshot(tenant, uuid, { name: 'monday' }));
    expect(action).toMatchObject({ state: 'succeeded', result: { imageId: action.uuid } });
    expect(taskStates).toEqual(['image_snapshot_pending', 'image_snapshot', 'image_pending_upload', 'image_uploading']);
    const [image] = await fake.images.listImages({ instanceUuid: uuid, kind: 'snapshot' });
    expect(image).toMatchObject({ id: action.uuid, name: 'monday', visibility: 'private', minDiskGib: 1 });
    expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState: 'active', powerState: 'RUNNING' });
    await fake.settled(fake.compute.close());
  });

  it('holds a running guest still when it is asked to, and lets it go on whatever happens', async () => {
    const { fake, uuid } = await withInstance();
    fake.hypervisor.journal.clear();
    fake.hypervisor.faults.add({ at: 'captureDisk', fault: { type: 'throw', error: new Error('no space') } });
    const failed = await done(fake, (images) => images.snapshot(tenant, uuid, { name: 'a', quiesce: 'require' }));
    expect(failed).toMatchObject({ state: 'failed' });
    const steps = fake.hypervisor.journal.points().map(({ at }) => at);
    expect(steps.indexOf('freezeGuest')).toBeLessThan(steps.indexOf('captureDisk'));
    expect(steps.indexOf('captureDisk')).toBeLessThan(steps.lastIndexOf('thawGuest'));
    await fake.settled(fake.compute.close());
  });

  it('goes on without when the guest only should be held still, and fails when it must', async () => {
    const { fake, uuid } = await withInstance();
    const error = new ComputeError('AGENT_UNAVAILABLE', { instanceUuid: uuid });
    fake.hypervisor.faults.add({ at: 'quiesce', times: 2, fault: { type: 'throw', error } });
    const tried = await done(fake, (images) => images.snapshot(tenant, uuid, { name: 'a', quiesce: 'try' }));
    expect(tried).toMatchObject({ state: 'succeeded' });
    const required = await done(fake, (images) => images.snapshot(tenant, uuid, { name: 'b', quiesce: 'require' }));
    expect(required).toMatchObject({ state: 'failed', failure: { code: 'AGENT_UNAVAILABLE' } });
    expect(fake.images.ids).not.toContain(required.uuid);
    await fake.settled(fake.compute.close());
  });

  it.each(['images.beginImage', 'images.finishImage'])('that fails at %s leaves no image', async (at) => {
    const { fake, uuid } = await withInstance();
    fake.providerFaults.add({ at, fault: { type: 'lose-answer' } });
    const action = await done(fake, (images) => images.snapshot(tenant, uuid, { name: 'a' }));
    expect(action).toMatchObject({ state: 'failed', result: null });
    expect(fake.images.ids).toEqual([imageId]);
    expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState: 'active', taskState: null });
    await fake.settled(fake.compute.close());
  });

  it('that is cancelled, or overtaken by a delete, leaves no image', async () => {
    const { fake, uuid } = await withInstance();
    fake.hypervisor.faults.add({ at: 'copyCapture', times: 2, fault: { type: 'delay', delayMs: 5_000 } });
    const cancelled = await fake.compute.api.images.snapshot(tenant, uuid, { name: 'a' });
    await fake.clock.advance(1_000);
    await fake.compute.api.cancel(tenant, cancelled.action.uuid);
    expect(await fake.settled(cancelled.finished)).toMatchObject({ state: 'cancelled' });
    const overtaken = await fake.compute.api.images.snapshot(tenant, uuid, { name: 'b' });
    await fake.clock.advance(1_000);
    const deleted = await fake.settled(fake.compute.api.delete(tenant, uuid));
    expect(await fake.settled(deleted.finished)).toMatchObject({ state: 'succeeded' });
    expect(await fake.settled(overtaken.finished)).toMatchObject({ state: 'cancelled' });
    expect(fake.images.ids).toEqual([imageId]);
    await fake.settled(fake.compute.close());
  });

  it('that was cut off by the death of the process leaves no image', async () => {
    const { fake, uuid } = await withInstance();
    const died = Promise.withResolvers<void>();
    fake.hypervisor.faults.add({ at: 'copyCapture', fault: { type: 'die', die: died.resolve, when: 'after' } });
    const accepted = await fake.settled(fake.compute.api.images.snapshot(tenant, uuid, { name: 'a' }));
    await fake.settled(died.promise);
    expect(fake.images.unfinishedIds).toEqual([accepted.action.uuid]);
    const next = await fake.restarted();
    expect(fake.images.ids).toEqual([imageId]);
    expect(await next.store.getAction(accepted.action.uuid)).toMatchObject({
      state: 'failed',
      failure: { code: 'INTERRUPTED' },
    });
    expect(await next.store.getInstance(uuid)).toMatchObject({ vmState: 'active', taskState: null });
    await next.settled(next.compute.close());
  });

  it('is refused without a provider of images, before anything is written', async () => {
    const fake = await fakeCompute();
    const { instance, finished } = await fake.settled(fake.compute.api.create(tenant, createRequest()));
    await fake.settled(finished);
    const asked = fake.compute.api.images.snapshot(tenant, instance.uuid, { name: 'a' });
    await expect(fake.settled(asked)).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
    expect(await fake.store.listActions(instance.uuid)).toHaveLength(1);
    await fake.settled(fake.compute.close());
  });
});

describe('backups', () => {
  const backup = (fake: ProvidedCompute, uuid: string, backupType: string, rotation: number) =>
    done(fake, (images) => images.backup(tenant, uuid, { name: backupType, backupType, rotation }));

  it('keep the newest of their row', async () => {
    const { fake, uuid } = await withInstance();
    const first = await backup(fake, uuid, 'daily', 2);
    const weekly = await backup(fake, uuid, 'weekly', 1);
    const second = await backup(fake, uuid, 'daily', 2);
    const third = await backup(fake, uuid, 'daily', 2);
    expect(third.result).toEqual({
      imageId: third.uuid,
      deletedImageIds: [first.uuid],
      undeletedImageIds: [],
      listing: 'complete',
    });
    expect(fake.images.ids).toEqual([imageId, weekly.uuid, second.uuid, third.uuid]);
    await fake.settled(fake.compute.close());
  });

  it('are not failed by an old one that cannot be deleted, and tell of it', async () => {
    const { fake, uuid } = await withInstance();
    const first = await backup(fake, uuid, 'daily', 1);
    fake.providerFaults.add({
      at: 'images.deleteImage',
      fault: { type: 'throw', error: new ComputeError('STORE_UNAVAILABLE', {}) },
    });
    const second = await backup(fake, uuid, 'daily', 1);
    expect(second).toMatchObject({ state: 'succeeded', result: { undeletedImageIds: [first.uuid] } });
    expect(fake.logLines.join('')).toContain('an old backup could not be deleted');
    await fake.settled(fake.compute.close());
  });

  it.each([
    [
      { name: 'a', backupType: 'daily', rotation: 0 },
      { field: 'rotation', value: '0' },
    ],
    [
      { name: '', backupType: 'daily', rotation: 1 },
      { field: 'name', accepted: '1 to 255 characters' },
    ],
    [
      { name: 'a', backupType: 'daily', rotation: 1, quiesce: 'yes' as 'try' },
      { field: 'quiesce', value: '"yes"' },
    ],
  ])('are refused with what is wrong: %j', async (request, details) => {
    const { fake, uuid } = await withInstance();
    await expect(fake.compute.api.images.backup(tenant, uuid, request)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      details,
    });
    await fake.settled(fake.compute.close());
  });
});

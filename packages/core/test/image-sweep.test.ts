import { ComputeError, MemoryStore, type AcceptedAction, type TenantAction } from '@virtkit/core';
import type { StoreWrite } from '@virtkit/core/store';
import { describe, expect, it } from 'vitest';
import { quietLife, tenant } from './support/fake-compute.js';
import { imageId, type ProvidedCompute } from './support/memory-providers.js';
import { ended, instanceUuid, ownerContext, runningInstance } from './support/running-instance.js';

const sweeping = { everyMs: { ...quietLife.everyMs, imageSweep: 60_000 } } as const;
const unavailable = { type: 'throw', error: new ComputeError('STORE_UNAVAILABLE', {}) } as const;

/** Lets something happen right before the commit with which an action succeeds. */
class OvertakingStore extends MemoryStore {
  overtake: (() => Promise<unknown>) | undefined;

  override async commit(writes: readonly StoreWrite[]) {
    const isSuccess = writes.some((each) => each.write === 'update-action' && each.patch.state === 'succeeded');
    const { overtake } = this;
    if (isSuccess && overtake) {
      this.overtake = undefined;
      await overtake();
    }
    return await super.commit(writes);
  }
}

type Making = 'snapshot' | 'backup' | 'shelve';

const making: { readonly [Name in Making]: (fake: ProvidedCompute) => Promise<AcceptedAction> } = {
  snapshot: ({ compute }) => compute.api.images.snapshot(ownerContext(), instanceUuid, { name: 'now' }),
  backup: ({ compute }) =>
    compute.api.images.backup(ownerContext(), instanceUuid, { name: 'now', backupType: 'daily', rotation: 1 }),
  shelve: ({ compute }) => compute.api.images.shelve(ownerContext(), instanceUuid),
};

/** Has an image made, and a delete accepted when all of it is done but its last commit. */
async function overtakenAtLast(
  name: Making,
): Promise<{ readonly fake: ProvidedCompute; readonly action: TenantAction }> {
  const store = new OvertakingStore();
  const fake = await runningInstance({ store, hostLife: sweeping });
  const deleted = Promise.withResolvers<AcceptedAction>();
  store.overtake = async () => deleted.resolve(await fake.compute.api.delete(tenant, instanceUuid));
  const action = await ended(fake, making[name](fake));
  expect(action).toMatchObject({ state: 'cancelled' });
  expect(await ended(fake, deleted.promise)).toMatchObject({ state: 'succeeded' });
  return { fake, action };
}

describe('an image that an operation has left', () => {
  it.each(['snapshot', 'backup', 'shelve'] as const)(
    'unfinished, for want of the image store while %s was undone, is deleted when that is back',
    async (name) => {
      await using fake = await runningInstance({ hostLife: sweeping });
      fake.providerFaults.add({ at: 'images.finishImage', fault: unavailable });
      fake.providerFaults.add({ at: 'images.deleteImage', times: 'always', fault: unavailable });
      const action = await ended(fake, making[name](fake));
      expect(action).toMatchObject({ state: 'failed', failure: { code: 'STORE_UNAVAILABLE' } });
      expect(fake.images.unfinishedIds).toEqual([action.uuid]);

      await fake.clock.advance(120_000);
      expect(fake.images.unfinishedIds).toEqual([action.uuid]);
      fake.providerFaults.clear();
      await fake.clock.advance(61_000);
      expect(fake.images.ids).toEqual([imageId]);
    },
  );

  it.each(['snapshot', 'shelve'] as const)('finished by a %s that was overtaken at last is deleted', async (name) => {
    const { fake, action } = await overtakenAtLast(name);
    await using _ = fake;
    await fake.clock.advance(61_000);
    expect(fake.images.ids).not.toContain(action.uuid);
    expect(fake.images.ids).toEqual([imageId]);
  });

  it('finished by a backup that was overtaken at last stays: an older one has made room for it', async () => {
    const { fake, action } = await overtakenAtLast('backup');
    await using _ = fake;
    await fake.clock.advance(61_000);
    expect(fake.images.ids).toEqual([imageId, action.uuid]);
  });

  it('is deleted by the next process, at its start', async () => {
    const first = await runningInstance({ hostLife: sweeping });
    first.providerFaults.add({ at: 'images.finishImage', fault: unavailable });
    first.providerFaults.add({ at: 'images.deleteImage', times: 'always', fault: unavailable });
    const action = await ended(first, making.snapshot(first));
    await first.settled(first.compute.close());
    expect(first.images.unfinishedIds).toEqual([action.uuid]);
    first.providerFaults.clear();

    await using next = await first.restarted();
    await next.clock.advance(100);
    expect(first.images.ids).toEqual([imageId]);
  });
});

describe('an image that is nobody else’s to delete', () => {
  it('of an action that succeeded stays, and so does what an instance is shelved in', async () => {
    await using fake = await runningInstance({ hostLife: sweeping });
    const made = await ended(fake, making.snapshot(fake));
    const shelved = await ended(fake, making.shelve(fake));
    // Not even when the action should say otherwise.
    const failed = { write: 'update-action', uuid: shelved.uuid, patch: { state: 'failed' }, guard: {} } as const;
    await fake.store.commit([failed]);
    await fake.clock.advance(180_000);
    expect(fake.images.ids).toEqual([imageId, made.uuid, shelved.uuid]);
  });

  it('stays while it is being made, without an action, or where another host has begun it', async () => {
    await using fake = await runningInstance({ hostLife: sweeping });
    fake.hypervisor.faults.add({ at: 'copyCapture', fault: { type: 'delay', delayMs: 600_000 } });
    const running = await fake.settled(making.snapshot(fake));
    await fake.clock.advance(1_000);
    const direct = '00000000-0000-4000-b000-00000000000d';
    const elsewhere = {
      ...(await fake.store.getAction(running.action.uuid)),
      host: 'host-2',
      state: 'failed',
    } as const;
    const other = '00000000-0000-4000-b000-00000000000e';
    await fake.store.commit([{ write: 'create-action', action: { ...elsewhere, uuid: other } }]);
    for (const id of [direct, other]) await begunImage(fake, id);

    await fake.clock.advance(300_000);
    expect(fake.images.unfinishedIds).toEqual([running.action.uuid, direct, other]);
    expect(await fake.settled(running.finished)).toMatchObject({ state: 'succeeded' });
    expect(fake.images.ids).toContain(running.action.uuid);
  });

  it('is looked for without an end to the others: one that cannot be deleted is tried again', async () => {
    await using fake = await runningInstance({ hostLife: sweeping });
    fake.providerFaults.add({ at: 'images.finishImage', times: 'always', fault: unavailable });
    fake.providerFaults.add({ at: 'images.deleteImage', times: 'always', fault: unavailable });
    const uuids = [(await ended(fake, making.snapshot(fake))).uuid, (await ended(fake, making.snapshot(fake))).uuid];
    expect(fake.images.unfinishedIds).toEqual(uuids);
    fake.providerFaults.clear();
    fake.providerFaults.add({ at: 'images.deleteImage', fault: unavailable });
    await fake.clock.advance(61_000);
    expect(fake.images.unfinishedIds).toEqual([uuids[0]]);
    await fake.clock.advance(61_000);
    expect(fake.images.ids).toEqual([imageId]);
  });
});

describe('an image that was finished when its process died', () => {
  it.each([
    ['snapshot', {}],
    ['backup', { deletedImageIds: [], undeletedImageIds: [], listing: 'failed' }],
  ] as const)('is what its %s has been asked for', async (name, rest) => {
    const fake = await runningInstance();
    const died = Promise.withResolvers<void>();
    fake.providerFaults.add({ at: 'images.finishImage', fault: { type: 'die', die: died.resolve, when: 'after' } });
    const { action } = await fake.settled(making[name](fake));
    await fake.settled(died.promise);

    await using next = await fake.restarted();
    const result = { imageId: action.uuid, ...rest };
    expect(await next.store.getAction(action.uuid)).toMatchObject({ state: 'succeeded', result, failure: null });
    expect(await next.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'active', taskState: null });
    expect(fake.images.ids).toEqual([imageId, action.uuid]);
  });

  it('of a shelve is deleted: the guest is still there, and off', async () => {
    const fake = await runningInstance();
    const died = Promise.withResolvers<void>();
    fake.providerFaults.add({ at: 'images.finishImage', fault: { type: 'die', die: died.resolve, when: 'after' } });
    const { action } = await fake.settled(making.shelve(fake));
    await fake.settled(died.promise);

    await using next = await fake.restarted();
    expect(await next.store.getAction(action.uuid)).toMatchObject({ state: 'failed', result: null });
    expect(await next.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'stopped', taskState: null });
    expect(fake.images.ids).toEqual([imageId]);
  });

  it('is waited for by its instance alone where the image store is down at the next start', async () => {
    const fake = await runningInstance();
    const died = Promise.withResolvers<void>();
    fake.hypervisor.faults.add({ at: 'copyCapture', fault: { type: 'die', die: died.resolve, when: 'after' } });
    const { action } = await fake.settled(making.snapshot(fake));
    await fake.settled(died.promise);
    fake.providerFaults.add({ at: 'images.listImages', times: 'always', fault: unavailable });

    await using next = await fake.restarted();
    expect(fake.images.unfinishedIds).toEqual([action.uuid]);
    expect(await next.store.getInstance(instanceUuid)).toMatchObject({ taskState: 'image_pending_upload' });
    fake.providerFaults.clear();
    await next.clock.advance(600_000);
    expect(await next.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'active', taskState: null });
    expect(fake.images.ids).toEqual([imageId]);
  });
});

/** What somebody else has begun. */
async function begunImage({ images }: ProvidedCompute, id: string): Promise<void> {
  const { projectId } = tenant;
  const described = { name: 'theirs', kind: 'snapshot', format: 'qcow2', minDiskGib: 1, minMemoryMib: 0 } as const;
  await images.beginImage({ ...described, imageId: id, instanceUuid, projectId, properties: {} });
}

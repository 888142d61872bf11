import { readdir, writeFile } from 'node:fs/promises';
import { requestContext, type AcceptedAction } from '@virtkit/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EarlierRelease } from '../../../test/earlier-release.js';
import { disagreements } from './support/agreement.js';
import { qcow2Disk } from './support/disks.js';
import { COMMIT, program, type Leaving, type Left } from './support/first-release.js';
import { guestsOf } from './support/guests-of.js';
import { openedWorld, projectId, type LocalWorld } from './support/local-world.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

const uuids: Leaving['uuids'] = {
  running: '11111111-2222-4333-8444-000000000001',
  shelved: '11111111-2222-4333-8444-000000000002',
  building: '11111111-2222-4333-8444-000000000003',
  attaching: '11111111-2222-4333-8444-000000000004',
  snapshotting: '11111111-2222-4333-8444-000000000005',
};
const tenant = requestContext({ projectId, userId: 'ann' });

describe(`records, images, volumes and networks that release ${COMMIT} has left, with three actions in the middle`, () => {
  let left: Left;
  let directory: TemporaryDirectory;
  let world: LocalWorld;

  beforeAll(async () => {
    directory = await TemporaryDirectory.make();
    const disk = directory.at('disk.qcow2');
    await writeFile(disk, qcow2Disk());
    await using release = await EarlierRelease.of(COMMIT, program);
    left = JSON.parse(await release.runAndKill([JSON.stringify({ directory: directory.path, disk, uuids })])) as Left;
    expect(left.states).toEqual(left.states.map(() => 'succeeded'));
    const hypervisor = await guestsOf(directory, [uuids.running, uuids.attaching, uuids.snapshotting]);
    world = { ...(await openedWorld(directory, hypervisor)), imageId: left.imageId };
  });

  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  const ends = async (accepted: Promise<AcceptedAction>): Promise<string> => (await (await accepted).finished).state;
  const holderOf = async (volumeId: string): Promise<string | undefined> =>
    (await world.volumes.getVolume(volumeId, { projectId })).attachment?.instanceUuid;
  const interfacesOf = async (name: keyof typeof uuids): Promise<number> =>
    (await world.networks.interfacesOf({ instanceUuid: uuids[name] })).length;

  const agree = async (): Promise<void> => {
    expect(await disagreements(world, Object.values(uuids))).toEqual([]);
  };
  const volumesOf = (name: keyof typeof uuids): readonly string[] =>
    (world.hypervisor.look(uuids[name]).devices?.blockDevices ?? []).map(({ id }) => id);

  it('come to their ends: nothing is half, and nothing is held for what is not there', async () => {
    const states: Record<string, readonly unknown[]> = {};
    for (const [name, uuid] of Object.entries(uuids)) {
      const { vmState, taskState } = await world.store.getInstance(uuid);
      const [last] = await world.store.listActions(uuid);
      states[name] = [vmState, taskState, last?.operation, last?.state];
    }
    expect(states).toEqual({
      running: ['active', null, 'build', 'succeeded'],
      shelved: ['shelved', null, 'shelve', 'succeeded'],
      building: ['error', null, 'build', 'failed'],
      attaching: ['active', null, 'attachVolume', 'succeeded'],
      snapshotting: ['active', null, 'snapshot', 'failed'],
    });
    expect(await Promise.all(['first', 'second', 'third', 'fourth'].map(holderOf))).toEqual([
      uuids.running,
      uuids.shelved,
      undefined,
      uuids.attaching,
    ]);
    expect((await world.images.listImages({})).map(({ kind }) => kind).sort()).toEqual(['base', 'shelved']);
    expect(await readdir(directory.at('images', 'images.unfinished'))).toEqual([]);
    await agree();
  });

  it('know a creation again that was sent with an idempotency key, and refuse another with it', async () => {
    const flavor = { name: 'small', vcpus: 1, memoryMib: 128, rootDiskGib: 1 };
    const wish = { uuid: uuids.running, name: 'running', flavor, imageId: left.imageId, networks: [{}] };
    const request = { ...wish, volumes: [{ volumeId: 'first' }] };
    const { api } = world.compute;
    const { action } = await api.create(tenant, request, { idempotencyKey: 'once' });
    expect(action.uuid).toBe(left.actionUuid);
    const other = api.create(tenant, { ...request, name: 'walking' }, { idempotencyKey: 'once' });
    await expect(other).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
  });

  it('make guests again, each with its volume and its interface', async () => {
    const { api } = world.compute;
    expect(await ends(api.reboot(tenant, uuids.running, 'HARD'))).toBe('succeeded');
    expect(await ends(api.images.shelveOffload(tenant, uuids.shelved))).toBe('succeeded');
    expect(await ends(api.images.unshelve(tenant, uuids.shelved))).toBe('succeeded');
    expect(await ends(api.reboot(tenant, uuids.attaching, 'HARD'))).toBe('succeeded');
    expect([volumesOf('running'), volumesOf('shelved'), volumesOf('attaching')]).toEqual([
      ['first'],
      ['second'],
      ['fourth'],
    ]);
    await agree();
  });

  it('give volumes, interfaces and images away and back', async () => {
    const { api } = world.compute;
    expect(await ends(api.volumes.detach(tenant, uuids.running, 'first'))).toBe('succeeded');
    expect(await ends(api.volumes.attach(tenant, uuids.attaching, { volumeId: 'first' }))).toBe('succeeded');
    expect(await ends(api.volumes.attach(tenant, uuids.attaching, { volumeId: 'third' }))).toBe('succeeded');
    expect(await ends(api.interfaces.attach(tenant, uuids.running, {}))).toBe('succeeded');
    expect(await ends(api.images.snapshot(tenant, uuids.shelved, { name: 'whole' }))).toBe('succeeded');
    expect(volumesOf('attaching')).toEqual(['fourth', 'first', 'third']);
    expect(await interfacesOf('running')).toBe(2);
    await agree();
  });

  it('are deleted one by one, and nothing is held any more', async () => {
    for (const uuid of Object.values(uuids)) {
      expect(await ends(world.compute.api.delete(tenant, uuid))).toBe('succeeded');
    }
    expect((await world.volumes.listVolumes()).map(({ attachment }) => attachment)).toEqual([null, null, null, null]);
    for (const name of Object.keys(uuids)) expect(await interfacesOf(name as keyof typeof uuids)).toBe(0);
    expect((await world.images.listImages({})).map(({ kind }) => kind).sort()).toEqual(['base', 'snapshot']);
    await agree();
  });
});

import { writeFile } from 'node:fs/promises';
import { FakeStorage } from '@virtkit/driver-fake';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localWorld, projectId, type LocalWorld } from './support/local-world.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

const ann = { projectId, userId: 'ann' };
const flavor = { name: 'small', vcpus: 1, memoryMib: 64, rootDiskGib: 1 };

let world: LocalWorld;

beforeAll(async () => {
  world = await localWorld();
});
afterAll(async () => await world[Symbol.asyncDispose]());

async function build(imageId: string): Promise<string> {
  const handle = await world.compute.as(ann).instances.create({ name: 'web-1', flavor, imageId, networks: [] });
  return (await handle.result()).uuid;
}

const rootOf = (uuid: string) => world.hypervisor.storage.disksOf(uuid).find(({ id }) => id === 'root')?.content;

async function newestImageId(): Promise<string> {
  const [newest] = await world.images.listImages({ projectId });
  return newest?.id ?? expect.fail('there is no image');
}

describe('the simulator with images on real files', () => {
  it('makes a snapshot that the provider accepts, and a guest of it has what was on the disk', async () => {
    const uuid = await build(world.imageId);
    world.hypervisor.writeDisk(uuid, 'root', 'before the snapshot');
    const snapshot = await world.compute.as(ann).images.snapshot(uuid, { name: 'nightly' });
    await snapshot.result();
    world.hypervisor.writeDisk(uuid, 'root', 'after the snapshot');
    const copy = await build(await newestImageId());
    expect(rootOf(copy)?.written).toEqual(['before the snapshot']);
    expect(rootOf(uuid)?.written).toEqual(['before the snapshot', 'after the snapshot']);
  });

  it('makes backups in rotation', async () => {
    const uuid = await build(world.imageId);
    for (const round of [1, 2, 3]) {
      const backup = await world.compute
        .as(ann)
        .images.backup(uuid, { name: `day ${round}`, backupType: 'daily', rotation: 2 });
      await backup.result();
    }
    const kept = await world.images.listImages({ projectId, instanceUuid: uuid, kind: 'backup' });
    expect(kept.map(({ name }) => name)).toEqual(['day 3', 'day 2']);
  });

  it('brings a shelved guest back with its disk', async () => {
    const uuid = await build(world.imageId);
    world.hypervisor.writeDisk(uuid, 'root', 'kept');
    await (await world.compute.as(ann).images.shelve(uuid)).result();
    await (await world.compute.as(ann).images.shelveOffload(uuid)).result();
    expect(world.hypervisor.look(uuid).guest).toBeUndefined();
    const back = await (await world.compute.as(ann).images.unshelve(uuid)).result();
    expect(back.vmState).toBe('active');
    expect(rootOf(uuid)?.written).toEqual(['kept']);
  });
});

describe('an image that the simulator has written', () => {
  const content = { origin: 'debian', generation: 1, written: ['a', 'b'] };

  it('stays in the simulator where the directory of its target is not there', () => {
    const storage = new FakeStorage();
    storage.writeImage({ path: '/no/such/directory/image', format: 'qcow2' }, { sizeMib: 1, content });
    expect(storage.imageContent('/no/such/directory/image')).toEqual(content);
    storage.removeFile('/no/such/directory/image');
    expect(storage.imageContent('/no/such/directory/image')).toBeUndefined();
  });

  it('forgets the first writes of a disk that was written to too often for a note', async () => {
    await using directory = await TemporaryDirectory.make();
    const path = directory.at('image');
    const written = Array.from({ length: 100_000 }, (_, index) => `write ${index}`);
    new FakeStorage().writeImage({ path, format: 'raw' }, { sizeMib: 1, content: { ...content, written } });
    expect(new FakeStorage().imageContent(path)?.written.at(-1)).toBe('write 99999');
  });

  it.each([
    ['an empty file', ''],
    ['a disk of somebody else', 'QFI\u00fb\u0000\u0000\u0000\u0003'],
    ['a cut note', 'simulated disk {"origin":'],
  ])('is not seen in %s', async (_, text) => {
    await using directory = await TemporaryDirectory.make();
    await writeFile(directory.at('image'), Buffer.from(text, 'latin1'));
    expect(new FakeStorage().imageContent(directory.at('image'))).toBeUndefined();
  });
});

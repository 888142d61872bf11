import { link, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type LocalImages, overlaysIn } from '@virtkit/providers-local';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { damagedRecords } from './support/damaged-records.js';
import { qcow2Disk, rawDisk } from './support/disks.js';
import { imageId, instanceUuid, newImage, openImages, otherImageId, StillClock, viewer } from './support/images.js';
import { rejectionOf } from './support/rejection-of.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

let directory: TemporaryDirectory;
let images: LocalImages;
const clock = new StillClock();

beforeEach(async () => {
  directory = await TemporaryDirectory.make();
  images = await openImages(directory, { clock });
});
afterEach(async () => {
  await directory[Symbol.asyncDispose]();
});

const unfinished = async () => await readdir(directory.at('store', 'images.unfinished'));

async function snapshot(overrides: Parameters<typeof newImage>[0] = {}, bytes = rawDisk()): Promise<string> {
  const { path } = await images.beginImage(newImage(overrides));
  await writeFile(path, bytes, { mode: 0o644 });
  return path;
}

describe('an image that a driver writes', () => {
  it('is among the unfinished ones from its beginning to its end, for every process', async () => {
    const second = await openImages(directory, { clock });
    await snapshot();
    await images.beginImage(newImage({ imageId: otherImageId }));
    expect([...(await second.listUnfinishedImages())].sort()).toEqual([imageId, otherImageId].sort());
    await images.finishImage(imageId);
    expect(await second.listUnfinishedImages()).toEqual([otherImageId]);
    await second.deleteImage(otherImageId);
    expect(await images.listUnfinishedImages()).toEqual([]);
  });

  it('is seen by its project from its finish on, and not before', async () => {
    const place = await images.beginImage(newImage());
    expect(place).toMatchObject({ imageId, format: 'raw' });
    await expect(stat(place.path)).rejects.toThrow('ENOENT');
    await writeFile(place.path, rawDisk(), { mode: 0o644 });
    await rejectionOf(images.getImage(imageId, viewer), 'IMAGE_NOT_FOUND');
    expect(await images.listImages({})).toEqual([]);

    const record = await images.finishImage(imageId);
    expect(record).toEqual({
      id: imageId,
      name: 'web-1 before the upgrade',
      kind: 'snapshot',
      visibility: 'private',
      projectId: 'acme',
      instanceUuid,
      diskFormat: 'raw',
      sizeBytes: 1024 ** 2,
      virtualSizeBytes: 1024 ** 2,
      minDiskGib: 1,
      minMemoryMib: 64,
      properties: { base_image_ref: 'debian-12' },
      createdAtMs: clock.nowMs,
    });
    const { location } = await images.getImage(imageId, viewer);
    expect((await stat(location.disk!)).mode & 0o777).toBe(0o600);
    await rejectionOf(images.getImage(imageId, { projectId: 'other' }), 'IMAGE_NOT_FOUND');
    expect(await images.listImages({ instanceUuid, kind: 'snapshot', projectId: 'acme' })).toEqual([record]);
    expect(await unfinished()).toEqual([]);
  });

  it('is finished once, and answered as it is from then on', async () => {
    await snapshot();
    const record = await images.finishImage(imageId);
    clock.nowMs += 1;
    expect(await images.finishImage(imageId)).toEqual(record);
    expect((await rejectionOf(images.beginImage(newImage()), 'INVALID_INPUT')).details.value).toBe(imageId);
  });

  it('has an empty place again when it is begun again', async () => {
    await snapshot({ name: 'first' });
    const { path } = await images.beginImage(newImage({ name: 'second' }));
    await expect(stat(path)).rejects.toThrow('ENOENT');
    await writeFile(path, rawDisk());
    expect((await images.finishImage(imageId)).name).toBe('second');
  });

  it('is found by a second process, which takes over', async () => {
    await snapshot();
    expect((await (await openImages(directory)).finishImage(imageId)).id).toBe(imageId);
  });

  it.each(damagedRecords)('is refused when the record of its beginning is damaged: %s', async (_what, damage) => {
    const path = await snapshot();
    await damage(join(dirname(path), 'begun.json'));
    expect((await rejectionOf(images.finishImage(imageId), 'IMAGE_UNACCEPTABLE')).details.reason).toBe('damaged');
    await images.deleteImage(imageId);
    expect(await unfinished()).toEqual([]);
  });

  it.each([
    ['nothing was written', undefined, 'IMAGE_NOT_FOUND'],
    ['a guest has written a qcow2 into it', qcow2Disk({ backingFile: '/etc/shadow' }), 'IMAGE_UNACCEPTABLE'],
    ['it is empty', Buffer.alloc(0), 'IMAGE_UNACCEPTABLE'],
  ] as const)('stays unfinished when %s, and goes when it is deleted', async (_what, bytes, code) => {
    const { path } = await images.beginImage(newImage());
    if (bytes !== undefined) await writeFile(path, bytes);
    await rejectionOf(images.finishImage(imageId), code);
    expect([(await unfinished()).length, await images.listImages({})]).toEqual([1, []]);
    await images.deleteImage(imageId);
    expect(await unfinished()).toEqual([]);
  });

  it('is refused when its place has become a link', async () => {
    const { path } = await images.beginImage(newImage());
    await symlink('/etc/hostname', path);
    await rejectionOf(images.finishImage(imageId), 'IMAGE_UNACCEPTABLE');
  });

  it('is not found when nobody has begun it', async () => {
    await rejectionOf(images.finishImage(imageId), 'IMAGE_NOT_FOUND');
    await rejectionOf(images.finishImage('../x'), 'IMAGE_NOT_FOUND');
  });

  it.each([
    [{ imageId: 'mine' }, 'imageId'],
    [{ imageId: '../../etc' }, 'imageId'],
    [{ kind: 'base' }, 'kind'],
    [{ instanceUuid: 'x' }, 'instanceUuid'],
    [{ format: 'vmdk' }, 'format'],
    [{ minDiskGib: 0.5 }, 'minDiskGib'],
  ])('is not begun with %j', async (overrides, field) => {
    const beginning = images.beginImage(newImage(overrides as never));
    expect((await rejectionOf(beginning, 'INVALID_INPUT')).details.field).toBe(field);
    expect(await unfinished()).toEqual([]);
  });
});

describe('an image that is deleted', () => {
  it('is gone with its files, and may be deleted again', async () => {
    await snapshot();
    await images.finishImage(imageId);
    await images.deleteImage(imageId);
    await images.deleteImage(imageId);
    await images.deleteImage('../store');
    await rejectionOf(images.getImage(imageId, viewer), 'IMAGE_NOT_FOUND');
    expect([await readdir(directory.at('store', 'images')), await unfinished()]).toEqual([[], []]);
  });

  it('keeps its files while a disk of an instance is over it', async () => {
    const guests = directory.at('guests');
    images = await openImages(directory, { isInUse: overlaysIn([guests, directory.at('not-there')]) });
    for (const id of [imageId, otherImageId]) {
      await snapshot({ imageId: id });
      await images.finishImage(id);
    }
    const disk = (await images.getImage(imageId, viewer)).location.disk!;
    await mkdir(directory.at('guests', instanceUuid), { recursive: true });
    await writeFile(directory.at('guests', instanceUuid, 'disk'), qcow2Disk({ backingFile: disk }));
    await writeFile(directory.at('guests', instanceUuid, 'console.log'), 'QFI');

    await images.deleteImage(imageId);
    await images.deleteImage(otherImageId);
    await rejectionOf(images.getImage(imageId, viewer), 'IMAGE_NOT_FOUND');
    expect(await images.listImages({})).toEqual([]);
    expect(await readdir(directory.at('store', 'images'))).toEqual([imageId]);
    expect((await stat(disk)).size).toBe(1024 ** 2);
    // Its id is not given to other bytes while somebody reads these.
    await rejectionOf(images.beginImage(newImage()), 'INVALID_INPUT');

    await writeFile(directory.at('guests', instanceUuid, 'disk'), 'gone');
    await openImages(directory, { isInUse: overlaysIn([guests]) });
    expect(await readdir(directory.at('store', 'images'))).toEqual([]);
  });

  it('keeps its files when nobody can say whether they are in use', async () => {
    const warned: string[] = [];
    const log = {
      debug() {},
      info() {},
      error() {},
      warn: (_fields: object, message: string) => void warned.push(message),
    };
    const isInUse = async () => Promise.reject(new Error('the guests cannot be listed'));
    images = await openImages(directory, { isInUse, log });
    await snapshot();
    await images.finishImage(imageId);
    await images.deleteImage(imageId);
    await rejectionOf(images.getImage(imageId, viewer), 'IMAGE_NOT_FOUND');
    expect(await readdir(directory.at('store', 'images'))).toEqual([imageId]);
    expect(warned).toEqual([expect.stringContaining('are kept')]);
  });
});

describe('an image is in use', () => {
  let image: string;
  const guests = (...names: readonly string[]): string => directory.at('guests', ...names);
  const isUsed = async (): Promise<boolean> => await overlaysIn([guests()])({ imageId, path: image }, {});

  beforeEach(async () => {
    await snapshot();
    await images.finishImage(imageId);
    image = dirname((await images.getImage(imageId, viewer)).location.disk!);
    await mkdir(guests(instanceUuid), { recursive: true });
    await mkdir(directory.at('elsewhere', 'deep'), { recursive: true });
    expect(await isUsed()).toBe(false);
  });

  const overlay = (backingFile: string): Buffer => qcow2Disk({ backingFile });

  it.each<[string, () => Promise<void>]>([
    [
      'a disk that was moved, with a link left behind',
      async () => {
        await writeFile(directory.at('elsewhere', 'disk'), overlay(join(image, 'disk')));
        await symlink(directory.at('elsewhere', 'disk'), guests(instanceUuid, 'disk'));
      },
    ],
    [
      'a directory of an instance that was moved, with a link left behind',
      async () => {
        await writeFile(directory.at('elsewhere', 'disk'), overlay(join(image, 'disk')));
        await symlink(directory.at('elsewhere'), guests('linked'));
      },
    ],
    [
      'a disk with a relative backing path below a linked directory',
      async () => {
        // The kernel goes through the link before it goes up.
        await symlink(directory.at('elsewhere', 'deep'), guests('linked'));
        await writeFile(directory.at('elsewhere', 'deep', 'disk'), overlay('../../images-link/disk'));
        await symlink(image, directory.at('images-link'));
      },
    ],
    [
      'a disk whose backing file is another name of the image',
      async () => {
        await symlink(join(image, 'disk'), directory.at('other-name'));
        await writeFile(guests(instanceUuid, 'disk'), overlay(directory.at('other-name')));
      },
    ],
    [
      'a disk over a hard link of the image',
      async () => {
        await link(join(image, 'disk'), directory.at('hard-link'));
        await writeFile(guests(instanceUuid, 'disk'), overlay(directory.at('hard-link')));
      },
    ],
    [
      'a disk over an overlay that is elsewhere',
      async () => {
        await writeFile(directory.at('elsewhere', 'between'), overlay(join(image, 'disk')));
        await writeFile(guests(instanceUuid, 'disk'), overlay(directory.at('elsewhere', 'between')));
      },
    ],
    [
      'a disk that names it in JSON, by another name',
      async () => {
        await symlink(image, directory.at('images-link'));
        const name = JSON.stringify({
          driver: 'raw',
          file: { driver: 'file', filename: directory.at('images-link', 'disk') },
        });
        await writeFile(guests(instanceUuid, 'disk'), overlay(`json:${name}`));
      },
    ],
    ['a disk over a file: URI', () => writeFile(guests(instanceUuid, 'disk'), overlay(`file:${join(image, 'disk')}`))],
    ['a disk with a damaged head', () => writeFile(guests(instanceUuid, 'disk'), qcow2Disk({ clusterBits: 3 }))],
    [
      'a disk of which only the first bytes are left',
      () => writeFile(guests(instanceUuid, 'disk'), overlay('x').subarray(0, 40)),
    ],
    ['a link that leads nowhere now', () => symlink(directory.at('not-mounted', 'disk'), guests(instanceUuid, 'disk'))],
    ['a chain of overlays that ends in itself', () => writeFile(guests(instanceUuid, 'disk'), overlay('disk'))],
  ])('by %s', async (_what, left) => {
    await left();
    expect(await isUsed()).toBe(true);
  });

  it('by none of what is beside disks: logs, links in circles, disks over other images, disks without one', async () => {
    await writeFile(guests(instanceUuid, 'console.log'), 'QFI');
    await symlink(guests(), guests(instanceUuid, 'round'));
    await writeFile(directory.at('elsewhere', 'other'), rawDisk());
    await writeFile(guests(instanceUuid, 'disk'), overlay(directory.at('elsewhere', 'other')));
    await writeFile(guests(instanceUuid, 'alone'), qcow2Disk());
    await writeFile(guests(instanceUuid, 'gone'), overlay('/nowhere/at/all'));
    expect(await isUsed()).toBe(false);
  });
});

describe('opening a directory of images', () => {
  it('removes what processes that run no more have left, and nothing of one that runs', async () => {
    await snapshot();
    const [own] = await unfinished();
    const dead = own!.replace(/-[0-9]+-[0-9]+$/, '-4194305-1').replace(imageId, otherImageId);
    const beforeReboot = own!.replace(/[0-9a-f]{8}(-[0-9]+-[0-9]+)$/, '00000000$1').replace(imageId, otherImageId);
    const reusedPid = own!.replace(/[0-9]+$/, '1').replace(imageId, otherImageId);
    for (const name of [dead, beforeReboot, reusedPid, 'stray']) {
      await mkdir(directory.at('store', 'images.unfinished', name));
      await writeFile(directory.at('store', 'images.unfinished', name, 'disk'), 'half');
    }
    await openImages(directory);
    expect(await unfinished()).toEqual([own]);
    expect((await images.finishImage(imageId)).id).toBe(imageId);
  });
});

import { createHash } from 'node:crypto';
import {
  appendFile,
  chmod,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { operatorFactsOf } from '@virtkit/core/driver';
import { LocalImages } from '@virtkit/providers-local';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { damagedRecords } from './support/damaged-records.js';
import { rawDisk, qcow2Disk } from './support/disks.js';
import { chunked, openImages, StillClock, viewer } from './support/images.js';
import { rejectionOf } from './support/rejection-of.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

let directory: TemporaryDirectory;
let images: LocalImages;
const clock = new StillClock();

beforeEach(async () => {
  directory = await TemporaryDirectory.make();
  images = await openImages(directory, { clock });
  await writeFile(directory.at('debian.raw'), rawDisk());
});
afterEach(async () => {
  await directory[Symbol.asyncDispose]();
});

const debian = () =>
  ({ id: 'debian-12', name: 'Debian 12', disk: { file: directory.at('debian.raw') }, diskFormat: 'raw' }) as const;
const unfinished = async () => await readdir(directory.at('store', 'images.unfinished'));

describe('an image that is added', () => {
  it('is what drivers get, under the directory, readable by nobody else', async () => {
    const record = await images.addImage({ ...debian(), minMemoryMib: 64, properties: { hw_disk_bus: 'scsi' } });
    expect(record).toMatchObject({ id: 'debian-12', kind: 'base', visibility: 'public', sizeBytes: 1024 ** 2 });
    const image = await images.getImage('debian-12', viewer);
    const disk = directory.at('store', 'images', 'debian-12', 'disk');
    expect(image).toEqual({
      id: 'debian-12',
      name: 'Debian 12',
      diskFormat: 'raw',
      minDiskGib: 1,
      minMemoryMib: 64,
      location: { disk },
      properties: { hw_disk_bus: 'scsi' },
    });
    expect(await readFile(disk)).toEqual(rawDisk());
    expect((await stat(disk)).mode & 0o777).toBe(0o600);
    expect((await stat(join(disk, '..', 'image.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(directory.at('store', 'images'))).mode & 0o777).toBe(0o711);
    expect(await unfinished()).toEqual([]);
  });

  it('keeps its holes', async () => {
    await images.addImage({
      name: 'sparse',
      id: 'sparse',
      diskFormat: 'raw',
      disk: { stream: chunked(rawDisk(64 * 1024 ** 2)) },
    });
    const { location } = await images.getImage('sparse', viewer);
    const { size, blocks } = await stat(location.disk!);
    expect(size).toBe(64 * 1024 ** 2);
    expect(blocks * 512).toBeLessThan(1024 ** 2);
    expect(rawDisk(64 * 1024 ** 2).equals(await readFile(location.disk!))).toBe(true);
  });

  it('may be a kernel with its ramdisk', async () => {
    const kernel = { stream: chunked(Buffer.from('a kernel')) };
    const ramdisk = { stream: chunked(Buffer.from('a ramdisk')) };
    await images.addImage({ id: 'tiny', name: 'tiny', kernel, ramdisk, kernelCommandLine: 'console=ttyS0' });
    const { location } = await images.getImage('tiny', viewer);
    const folder = directory.at('store', 'images', 'tiny');
    expect(location).toEqual({
      kernel: join(folder, 'kernel'),
      ramdisk: join(folder, 'ramdisk'),
      kernelCommandLine: 'console=ttyS0',
    });
  });

  it('is there for a second process too, and for the next', async () => {
    await images.addImage(debian());
    const second = await openImages(directory);
    expect((await second.getImage('debian-12', viewer)).name).toBe('Debian 12');
  });

  it('is taken only with the checksum that was promised', async () => {
    const sha256 = createHash('sha256').update(rawDisk()).digest('hex');
    await images.addImage({ ...debian(), disk: { file: directory.at('debian.raw'), sha256 } });
    const other = { ...debian(), id: 'other', disk: { file: directory.at('debian.raw'), sha256: '0'.repeat(64) } };
    const { details } = await rejectionOf(images.addImage(other), 'IMAGE_UNACCEPTABLE');
    expect(details).toEqual({ imageId: 'other', reason: 'checksum' });
    expect(await unfinished()).toEqual([]);
  });

  it.each([
    ['in another format', { stream: chunked(qcow2Disk()) }, 'format'],
    ['empty', { stream: chunked(Buffer.alloc(0)) }, 'damaged'],
  ])('is refused when it is %s, and nothing is left', async (_what, disk, reason) => {
    const failure = await rejectionOf(images.addImage({ ...debian(), disk }), 'IMAGE_UNACCEPTABLE');
    expect(failure.details.reason).toBe(reason);
    expect(failure.message).not.toContain(directory.path);
    expect([await unfinished(), await images.listImages({})]).toEqual([[], []]);
  });

  it.each([
    ['missing', 'nothing-here.raw'],
    ['in another format', 'debian.raw'],
  ])('is refused with the whole sentence for the operator who adds it: a file that is %s', async (what, name) => {
    const diskFormat = what === 'in another format' ? 'qcow2' : 'raw';
    const adding = images.addImage({ ...debian(), disk: { file: directory.at(name) }, diskFormat });
    const failure: unknown = await adding.catch((reason: unknown) => reason);
    const { message } = operatorFactsOf(failure);
    const { cause } = failure as Error;
    const words = message ?? (cause as Error | undefined)?.message ?? '';
    expect(words).not.toBe('');
    expect((failure as Error).message).toContain(words);
  });

  it.each([
    ['texts', ['a disk']],
    ['numbers', [1, 2, 3]],
    ['bytes and then a text', [Buffer.alloc(512), 'a disk']],
    ['objects', [{ length: 3 }]],
  ])('is refused as a stream of %s, and nothing is left', async (_what, chunks) => {
    const stream = (async function* () {
      await Promise.resolve();
      yield* chunks as unknown as Uint8Array[];
    })();
    const failure = await rejectionOf(images.addImage({ ...debian(), disk: { stream } }), 'INVALID_INPUT');
    expect(failure.details).toMatchObject({ field: 'stream', accepted: 'a stream of Uint8Array' });
    expect([await unfinished(), await images.listImages({})]).toEqual([[], []]);
  });

  it('is refused when it is larger than allowed, without reading on', async () => {
    const small = await openImages(directory, { fileSizeGibMax: 1 });
    let produced = 0;
    async function* endless() {
      const chunk = Buffer.alloc(64 * 1024 ** 2);
      while (true) {
        produced += 1;
        yield chunk;
      }
    }
    const adding = small.addImage({ ...debian(), disk: { stream: endless() } });
    expect((await rejectionOf(adding, 'IMAGE_UNACCEPTABLE')).details.reason).toBe('too large');
    expect(produced).toBe(17);
    expect(await unfinished()).toEqual([]);
  });

  it.each([1, 1_000, 262_144])('has no more properties than its record can hold: values of %i bytes', async (bytes) => {
    const value = 'x'.repeat(bytes);
    const count = Math.ceil(262_144 / bytes);
    const properties = Object.fromEntries(Array.from({ length: count }, (_, nth) => [`p${nth}`, value]));
    await rejectionOf(images.addImage({ ...debian(), properties }), 'INVALID_INPUT');
    expect(await images.listImages({})).toEqual([]);
    const fewer = Object.fromEntries(Object.entries(properties).slice(0, (count / 2) * (bytes / (bytes + 12))));
    await images.addImage({ ...debian(), properties: fewer });
    expect((await images.getImage('debian-12', viewer)).properties).toEqual(fewer);
  });

  it('is refused under an id that is taken, and the first one stays', async () => {
    await images.addImage(debian());
    const again = images.addImage({ ...debian(), name: 'other' });
    expect((await rejectionOf(again, 'INVALID_INPUT')).details.field).toBe('id');
    expect((await images.getImage('debian-12', viewer)).name).toBe('Debian 12');
  });

  it('is added once by ten who try at the same moment', async () => {
    const others = await openImages(directory);
    const tries = Array.from({ length: 10 }, (_, index) => (index % 2 ? images : others).addImage(debian()));
    const settled = await Promise.allSettled(tries);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const each of settled)
      if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await unfinished()).toEqual([]);
  });

  it('is not there after an abort, also when its source hangs', async () => {
    const abort = new AbortController();
    async function* hanging() {
      yield Buffer.alloc(10, 1);
      abort.abort();
      await new Promise(() => {});
    }
    const adding = images.addImage({ ...debian(), disk: { stream: hanging() } }, { signal: abort.signal });
    expect((await rejectionOf(adding, 'ABORTED')).effect).toBe('none');
    expect([await unfinished(), await images.listImages({})]).toEqual([[], []]);
  });

  it('is not there when its source fails', async () => {
    async function* failing() {
      yield Buffer.alloc(10, 1);
      throw new Error('the network is gone');
    }
    await expect(images.addImage({ ...debian(), disk: { stream: failing() } })).rejects.toThrow('the network is gone');
    expect([await unfinished(), await images.listImages({})]).toEqual([[], []]);
  });

  it.each([
    [{ id: '../escaped' }, 'id'],
    [{ id: '.hidden' }, 'id'],
    [{ id: 'a/b' }, 'id'],
    [{ id: 'a~b' }, 'id'],
    [{ name: '' }, 'name'],
    [{ diskFormat: undefined }, 'diskFormat'],
    [{ diskFormat: 'vmdk' }, 'diskFormat'],
    [{ disk: undefined, diskFormat: undefined }, 'disk'],
    [{ disk: { file: 'relative' } }, 'disk.file'],
    [{ disk: { path: '/disk' } }, 'disk'],
    [{ disk: { file: '/not-there/disk' } }, 'disk.file'],
    [{ disk: { file: '/dev/zero' } }, 'disk.file'],
    [{ ramdisk: { file: '/boot/initrd' } }, 'ramdisk'],
    [{ kernelCommandLine: 'quiet' }, 'kernelCommandLine'],
    [{ visibility: 'private' }, 'projectId'],
    [{ minDiskGib: -1 }, 'minDiskGib'],
    [{ owner: 'acme' }, 'owner'],
  ])('is refused with %j, naming the field', async (overrides, field) => {
    const adding = images.addImage({ ...debian(), ...overrides } as never);
    expect((await rejectionOf(adding, 'INVALID_INPUT')).details).toMatchObject({ field });
    expect(await readdir(directory.at('store'))).toEqual(['images', 'images.epochs', 'images.unfinished']);
  });
});

describe('an image that is got', () => {
  const disk = () => directory.at('store', 'images', 'debian-12', 'disk');
  const reasonOf = async () =>
    (await rejectionOf(images.getImage('debian-12', viewer), 'IMAGE_UNACCEPTABLE')).details.reason;

  beforeEach(async () => {
    await images.addImage(debian());
    await images.getImage('debian-12', viewer);
  });

  it('is refused when a byte of it has changed, also one with the old time and size', async () => {
    const { atime, mtime } = await stat(disk());
    const bytes = rawDisk();
    bytes[4711] = 1;
    await writeFile(disk(), bytes);
    await utimes(disk(), atime, mtime);
    expect(await reasonOf()).toBe('checksum');
  });

  it('is refused when it has another length', async () => {
    await appendFile(disk(), 'x');
    expect(await reasonOf()).toBe('damaged');
  });

  it('is refused when a guest has made a qcow2 of it', async () => {
    const overlay = qcow2Disk({ backingFile: '/etc/shadow' });
    await writeFile(disk(), Buffer.concat([overlay, Buffer.alloc(1024 ** 2 - overlay.length)]));
    expect(await reasonOf()).toBe('format');
  });

  it('is refused when a link leads out of the directory', async () => {
    await rename(disk(), directory.at('elsewhere'));
    await symlink(directory.at('elsewhere'), disk());
    expect(await reasonOf()).toBe('outside the image directories');
  });

  it('is refused when its folder is a link', async () => {
    await rename(directory.at('store', 'images', 'debian-12'), directory.at('elsewhere'));
    await symlink(directory.at('elsewhere'), directory.at('store', 'images', 'debian-12'));
    expect(await reasonOf()).toBe('outside the image directories');
  });

  it('is not found when its file is gone', async () => {
    await rm(disk());
    await rejectionOf(images.getImage('debian-12', viewer), 'IMAGE_NOT_FOUND');
  });

  it.each(damagedRecords)('is refused when its record is damaged, which hides no other: %s', async (_what, damage) => {
    await images.addImage({ ...debian(), id: 'other' });
    await damage(join(disk(), '..', 'image.json'));
    expect(await reasonOf()).toBe('damaged');
    expect((await images.listImages({})).map(({ id }) => id)).toEqual(['other']);
    expect(await images.getImage('other', viewer)).toMatchObject({ id: 'other' });
    await images.deleteImage('debian-12');
    await rejectionOf(images.getImage('debian-12', viewer), 'IMAGE_NOT_FOUND');
  });

  it.each(damagedRecords)(
    'is read again when the record of what was measured is damaged: %s',
    async (_what, damage) => {
      await images.getImage('debian-12', viewer);
      await damage(join(disk(), '..', 'measured.json'));
      const reopened = await openImages(directory, { clock });
      expect(await reopened.getImage('debian-12', viewer)).toMatchObject({ id: 'debian-12' });
    },
  );

  it('is held to the limits of today, also when it was added under larger ones', async () => {
    await truncate(directory.at('debian.raw'), 1024 ** 3 + 512);
    await images.addImage({ ...debian(), id: 'large' });
    await images.getImage('large', viewer);
    const reasons = [{ fileSizeGibMax: 1 }, { virtualSizeGibMax: 1 }].map(async (limits) => {
      const lowered = await openImages(directory, limits);
      expect(await lowered.getImage('debian-12', viewer)).toMatchObject({ id: 'debian-12' });
      return (await rejectionOf(lowered.getImage('large', viewer), 'IMAGE_UNACCEPTABLE')).details.reason;
    });
    expect(await Promise.all(reasons)).toEqual(['too large', 'too large']);
    expect(await images.getImage('large', viewer)).toMatchObject({ id: 'large' });
  }, 60_000);

  it('is fine after its owner or mode has changed', async () => {
    await chmod(disk(), 0o640);
    expect((await images.getImage('debian-12', viewer)).location.disk).toBe(disk());
  });

  it.each(['../store/images/debian-12', '', '.', '..', 'not-there', 'debian-12/../debian-12'])(
    'is not found as %j',
    async (id) => {
      await rejectionOf(images.getImage(id, viewer), 'IMAGE_NOT_FOUND');
    },
  );

  it('is got by a hundred at the same moment', async () => {
    const fresh = await openImages(directory);
    const got = await Promise.all(Array.from({ length: 100 }, () => fresh.getImage('debian-12', viewer)));
    expect(new Set(got.map(({ location }) => location.disk)).size).toBe(1);
  });

  it('is not looked at for one who has given up', async () => {
    const failure = await rejectionOf(images.getImage('debian-12', viewer, { signal: AbortSignal.abort() }), 'ABORTED');
    expect(failure.effect).toBe('none');
  });
});

describe('images', () => {
  it('are seen by all when public, and by their project when private', async () => {
    await images.addImage(debian());
    await images.addImage({ ...debian(), id: 'secret', visibility: 'private', projectId: 'acme' });
    await rejectionOf(images.getImage('secret', { projectId: 'other' }), 'IMAGE_NOT_FOUND');
    expect((await images.getImage('secret', viewer)).id).toBe('secret');
    const listed = async (query: object) => (await images.listImages(query)).map(({ id }) => id);
    expect(await listed({ projectId: 'other' })).toEqual(['debian-12']);
    expect(await listed({ projectId: 'acme' })).toEqual(['debian-12', 'secret']);
    expect(await listed({})).toEqual(['debian-12', 'secret']);
  });

  it('are listed newest first, and as many as asked for', async () => {
    for (const id of ['first', 'second', 'third']) {
      clock.nowMs += 1;
      await images.addImage({ ...debian(), id });
    }
    expect((await images.listImages({})).map(({ id }) => id)).toEqual(['third', 'second', 'first']);
    expect((await images.listImages({ countMax: 1 })).map(({ id }) => id)).toEqual(['third']);
  });

  it('are listed by their kind and properties', async () => {
    await images.addImage({ ...debian(), properties: { os: 'linux' } });
    expect(await images.listImages({ kind: 'snapshot' })).toEqual([]);
    expect(await images.listImages({ properties: { os: 'windows' } })).toEqual([]);
    expect(await images.listImages({ kind: 'base', properties: { os: 'linux' } })).toHaveLength(1);
  });

  it.each([
    [{ directory: 'relative' }, 'directory', 'an absolute path of the host'],
    [{ isInUse: undefined }, 'isInUse', 'a function, such as overlaysIn([…])'],
    [{ fileSizeGibMax: 0 }, 'fileSizeGibMax', 'a whole number, at least 1'],
    [{ log: 'console' }, 'log', 'a logger'],
  ])('are not opened with %j', async (options, field, accepted) => {
    const opening = LocalImages.open({
      directory: directory.at('fresh'),
      isInUse: async () => false,
      ...options,
    } as never);
    expect((await rejectionOf(opening, 'INVALID_CONFIGURATION')).details).toMatchObject({ field, accepted });
    await expect(stat(directory.at('fresh'))).rejects.toThrow('ENOENT');
  });

  it('say in a word that their directory cannot be used', async () => {
    await mkdir(directory.at('fresh'));
    await writeFile(directory.at('fresh', 'images'), 'a file');
    const opening = LocalImages.open({ directory: directory.at('fresh'), isInUse: async () => false });
    expect((await rejectionOf(opening, 'STORE_UNAVAILABLE')).message).not.toContain(directory.path);
  });
});

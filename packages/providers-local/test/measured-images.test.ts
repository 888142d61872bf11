import { chmod, copyFile, mkdir, open, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { LocalImages } from '@virtkit/providers-local';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { chunked, openImages, viewer } from './support/images.js';
import { rejectionOf } from './support/rejection-of.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

const IMAGE_BYTES = 8 * 1024 ** 2;
const bytes = Buffer.alloc(IMAGE_BYTES, 'an image ');

let directory: TemporaryDirectory;
const disk = () => directory.at('store', 'images', 'debian-12', 'disk');
const image = () => directory.at('store', 'images', 'debian-12', 'image.json');
const measured = () => directory.at('store', 'images', 'debian-12', 'measured.json');

beforeEach(async () => {
  directory = await TemporaryDirectory.make();
  const images = await openImages(directory);
  await images.addImage({ id: 'debian-12', name: 'Debian 12', disk: { stream: chunked(bytes) }, diskFormat: 'raw' });
  await images.getImage('debian-12', viewer);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await directory[Symbol.asyncDispose]();
});

/** The bytes that are read from files until the work is done. */
async function bytesReadBy(work: () => Promise<unknown>): Promise<number> {
  const probe = await open(image());
  const handles = Object.getPrototypeOf(probe) as { read: FileHandle['read'] };
  await probe.close();
  const { read } = handles;
  let total = 0;
  const spy = vi.spyOn(handles, 'read').mockImplementation(async function (this: FileHandle, ...args: unknown[]) {
    const result = await (Reflect.apply(read, this, args) as Promise<{ bytesRead: number }>);
    total += result.bytesRead;
    return result as never;
  });
  try {
    await work();
    return total;
  } finally {
    spy.mockRestore();
  }
}

const get = async (images: LocalImages) => await images.getImage('debian-12', viewer);

/** How much of the image the next start of the service reads for its first `create`. */
async function readAfterRestart(): Promise<'all of it' | 'its head'> {
  const images = await openImages(directory);
  return (await bytesReadBy(() => get(images))) >= IMAGE_BYTES ? 'all of it' : 'its head';
}

async function rejectionAfterRestart(): Promise<unknown> {
  const images = await openImages(directory);
  return (await rejectionOf(get(images), 'IMAGE_UNACCEPTABLE')).details.reason;
}

describe('an image that was measured', () => {
  it('is not read again after a restart', async () => {
    expect(await readAfterRestart()).toBe('its head');
    expect(await readAfterRestart()).toBe('its head');
    expect((await stat(measured())).mode & 0o777).toBe(0o600);
  });

  it('is not opened again by the same process', async () => {
    const images = await openImages(directory);
    await get(images);
    const { size: recordBytes } = await stat(image());
    expect(await bytesReadBy(() => get(images))).toBe(recordBytes);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['its mode was changed', () => chmod(disk(), 0o640)],
    ['its time was changed', () => utimes(disk(), 1, 1)],
    ['it is another file with the same bytes and times', () => replaceByCopy()],
    ['it has no record of that, as older versions leave it', () => rm(measured())],
    ['the record is empty', () => writeFile(measured(), '')],
    ['the record is cut off', async () => writeFile(measured(), (await readFile(measured(), 'utf8')).slice(0, -20))],
    ['the record is of another version', () => edit('"version": 1', '"version": 2')],
    ['the record has a fact too many', () => edit('"version": 1', '"version": 1, "trusted": true')],
    ['the record has another inode', () => edit(/"inode": "[0-9]+"/, '"inode": "1"')],
    ['the record has another device', () => edit(/"device": "[0-9]+"/, '"device": "1"')],
    ['the record has another size', () => edit(/"sizeBytes": "[0-9]+"/, '"sizeBytes": "1"')],
    ['the record has another mtime', () => edit(/"mtimeNs": "[0-9]+"/, '"mtimeNs": "1"')],
    ['the record has another ctime', () => edit(/"ctimeNs": "[0-9]+"/, '"ctimeNs": "1"')],
    ['the record has another checksum', () => edit(/"sha256": "[0-9a-f]+"/, `"sha256": "${'0'.repeat(64)}"`)],
    ['the record is of another file', () => edit('"disk"', '"kernel"')],
    ['other users may write the record', () => chmod(measured(), 0o666)],
    ['the record is a link', () => linkRecord()],
    [
      'the record is larger than any',
      async () => writeFile(measured(), (await readFile(measured(), 'utf8')) + ' '.repeat(4096)),
    ],
  ])('is measured again when %s, once', async (_what, change) => {
    await change();
    expect(await readAfterRestart()).toBe('all of it');
    expect(await readAfterRestart()).toBe('its head');
    expect((await stat(measured())).mode & 0o777).toBe(0o600);
  });

  it('is refused after a restart when a byte of it has changed, also one with the old time and size', async () => {
    await utimes(disk(), 1, 1);
    await readAfterRestart();
    const changed = Buffer.from(bytes);
    changed[4711] = 1;
    await writeFile(disk(), changed);
    await utimes(disk(), 1, 1);
    expect((await stat(disk())).mtimeMs).toBe(1000);
    expect(await rejectionAfterRestart()).toBe('checksum');
    expect(await rejectionAfterRestart()).toBe('checksum');
  });

  it('is refused when its own record expects another checksum, whatever was measured', async () => {
    const text = await readFile(image(), 'utf8');
    await writeFile(image(), text.replace(/"sha256": "[0-9a-f]+"/, `"sha256": "${'0'.repeat(64)}"`));
    expect(await rejectionAfterRestart()).toBe('checksum');
  });

  it('is refused when its own record says another format, whatever was measured', async () => {
    await writeFile(image(), (await readFile(image(), 'utf8')).replace('"diskFormat": "raw"', '"diskFormat": "qcow2"'));
    expect(await rejectionAfterRestart()).toBe('format');
  });

  it('is got also where the record cannot be written, with a warning', async () => {
    await rm(measured());
    // A directory in the place of the record: a rename does not replace it, for root either.
    await mkdir(measured());
    const warned: string[] = [];
    const log = { debug() {}, info() {}, error() {}, warn: (_: object, message: string) => void warned.push(message) };
    expect((await get(await openImages(directory, { log }))).id).toBe('debian-12');
    expect(warned).toEqual([expect.stringContaining('measured image not recorded')]);
  });

  it('takes what was measured with it when it is deleted', async () => {
    const images = await openImages(directory);
    await images.deleteImage('debian-12');
    await expect(stat(measured())).rejects.toThrow('ENOENT');
  });
});

async function edit(from: string | RegExp, to: string): Promise<void> {
  const text = await readFile(measured(), 'utf8');
  expect(text.replace(from, to)).not.toBe(text);
  await writeFile(measured(), text.replace(from, to));
}

async function replaceByCopy(): Promise<void> {
  await utimes(disk(), 1, 1);
  await readAfterRestart();
  await copyFile(disk(), directory.at('copy'));
  await utimes(directory.at('copy'), 1, 1);
  await rename(directory.at('copy'), disk());
}

async function linkRecord(): Promise<void> {
  await rename(measured(), directory.at('elsewhere.json'));
  await symlink(directory.at('elsewhere.json'), measured());
}

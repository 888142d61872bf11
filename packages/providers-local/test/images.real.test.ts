import { execFileSync } from 'node:child_process';
import { stat, truncate, writeFile } from 'node:fs/promises';
import { type LocalImages, overlaysIn } from '@virtkit/providers-local';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { qcow2HeaderOf } from '../src/disk-format/qcow2-header-of.js';
import { newImage, imageId, openImages, viewer } from './support/images.js';
import { rejectionOf } from './support/rejection-of.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

let directory: TemporaryDirectory;
let images: LocalImages;

beforeEach(async () => {
  directory = await TemporaryDirectory.make();
  images = await openImages(directory, { isInUse: overlaysIn([directory.at('guests')]) });
});
afterEach(async () => {
  await directory[Symbol.asyncDispose]();
});

const qemuImg = (...args: readonly string[]) => execFileSync('qemu-img', args, { stdio: ['ignore', 'pipe', 'pipe'] });
const made = (format: string, ...args: readonly string[]) => {
  const file = directory.at(`a.${format}`);
  qemuImg('create', '-q', '-f', format, ...args, file, '8M');
  return file;
};
const adding = (file: string, diskFormat: 'qcow2' | 'raw') =>
  images.addImage({ name: 'a', disk: { file }, diskFormat });

describe('a disk made by qemu-img', () => {
  it.each([
    ['as it comes', []],
    ['of version 2', ['-o', 'compat=0.10']],
    ['with small clusters', ['-o', 'cluster_size=512']],
    ['with large clusters', ['-o', 'cluster_size=2M']],
    ['with compression', ['-o', 'compression_type=zstd']],
    ['with extended L2 tables', ['-o', 'extended_l2=on,cluster_size=128k']],
    ['with preallocated tables', ['-o', 'preallocation=metadata']],
  ])('is accepted as qcow2 %s', async (_what, args) => {
    const { id, virtualSizeBytes } = await adding(made('qcow2', ...args), 'qcow2');
    expect(virtualSizeBytes).toBe(8 * 1024 ** 2);
    const { location } = await images.getImage(id, viewer);
    expect(qemuImg('info', '-f', 'qcow2', location.disk!).toString()).toContain('8 MiB');
    expect(
      qemuImg('compare', '-f', 'qcow2', '-F', 'qcow2', location.disk!, directory.at('a.qcow2')).toString(),
    ).toContain('identical');
  });

  it('is accepted as raw', async () => {
    const { virtualSizeBytes, sizeBytes } = await adding(made('raw'), 'raw');
    expect([virtualSizeBytes, sizeBytes]).toEqual([8 * 1024 ** 2, 8 * 1024 ** 2]);
  });

  it.each(['qcow2', 'qcow', 'qed', 'vmdk', 'vdi', 'vpc', 'vhdx', 'parallels'])(
    'is refused as raw when it is %s',
    async (format) => {
      const failure = await rejectionOf(adding(made(format), 'raw'), 'IMAGE_UNACCEPTABLE');
      expect(failure.details.reason).toBe('format');
    },
  );

  it.each([
    ['vpc', ['-o', 'subformat=fixed']],
    ['vmdk', ['-o', 'subformat=monolithicFlat']],
  ])('is refused as raw when it is a flat %s', async (format, args) => {
    const failure = await rejectionOf(adding(made(format, ...args), 'raw'), 'IMAGE_UNACCEPTABLE');
    expect(failure.details.reason).toBe('format');
  });

  it('is refused over a backing file', async () => {
    const base = made('qcow2');
    qemuImg('create', '-q', '-f', 'qcow2', '-b', base, '-F', 'qcow2', directory.at('over'));
    expect((await rejectionOf(adding(directory.at('over'), 'qcow2'), 'IMAGE_UNACCEPTABLE')).details.reason).toBe(
      'backing file',
    );
  });

  it('is refused with its data in another file', async () => {
    const file = made('qcow2', '-o', `data_file=${directory.at('data')}`);
    expect((await rejectionOf(adding(file, 'qcow2'), 'IMAGE_UNACCEPTABLE')).details.reason).toBe('backing file');
  });

  it('is refused when it is encrypted', async () => {
    const secret = ['--object', 'secret,id=s0,data=x'];
    const file = made('qcow2', ...secret, '-o', 'encrypt.format=aes,encrypt.key-secret=s0');
    expect((await rejectionOf(adding(file, 'qcow2'), 'IMAGE_UNACCEPTABLE')).details.reason).toBe('format');
  });

  it('is refused when it was cut off', async () => {
    const file = made('qcow2');
    await truncate(file, 100_000);
    expect((await rejectionOf(adding(file, 'qcow2'), 'IMAGE_UNACCEPTABLE')).details.reason).toBe('damaged');
  });

  it('has the size that qemu-img says', async () => {
    const file = directory.at('large');
    qemuImg('create', '-q', '-f', 'qcow2', file, '3T');
    expect((await qcow2HeaderOf(file))?.virtualSizeBytes).toBe(3 * 1024 ** 4);
    expect((await rejectionOf(adding(file, 'qcow2'), 'IMAGE_UNACCEPTABLE')).details.reason).toBe('too large');
  });
});

describe('an image that qemu-img writes', () => {
  it('is finished, and kept while an overlay is over it', async () => {
    const { path } = await images.beginImage(newImage({ format: 'qcow2' }));
    qemuImg('convert', '-f', 'raw', '-O', 'qcow2', made('raw'), path);
    expect(await images.finishImage(imageId)).toMatchObject({ diskFormat: 'qcow2', virtualSizeBytes: 8 * 1024 ** 2 });
    const disk = (await images.getImage(imageId, viewer)).location.disk!;
    execFileSync('mkdir', [directory.at('guests')]);
    qemuImg('create', '-q', '-f', 'qcow2', '-b', disk, '-F', 'qcow2', directory.at('guests', 'disk'));

    await images.deleteImage(imageId);
    expect(qemuImg('check', '-q', directory.at('guests', 'disk')).toString()).toBe('');
    execFileSync('rm', [directory.at('guests', 'disk')]);
    await images.removeUnused();
    await expect(stat(disk)).rejects.toThrow('ENOENT');
  });
});

describe('a qcow2 disk of qemu-img that was cut off', () => {
  /** 8 MiB of which no cluster is like another, so that all of them are in the file. */
  const filled = async (...args: readonly string[]): Promise<string> => {
    const raw = directory.at('filled.raw');
    const file = directory.at('filled.qcow2');
    await writeFile(
      raw,
      Buffer.from(Array.from({ length: 2 ** 21 }, (_, word) => [word, word >> 8, word >> 16, 7]).flat()),
    );
    qemuImg('convert', '-f', 'raw', '-O', 'qcow2', ...args, raw, file);
    return file;
  };

  it.each([
    ['as it comes', []],
    ['of version 2', ['-o', 'compat=0.10']],
    ['compressed', ['-c']],
    ['compressed with zstd', ['-c', '-o', 'compression_type=zstd']],
    ['with small clusters', ['-o', 'cluster_size=4k']],
    ['with extended L2 tables', ['-o', 'extended_l2=on,cluster_size=128k']],
  ])('is refused as damaged, at whatever part of its bytes, and taken whole: %s', async (_what, args) => {
    const file = await filled(...args);
    const { size } = await stat(file);
    expect(await adding(file, 'qcow2')).toMatchObject({ virtualSizeBytes: 8 * 1024 ** 2 });
    for (const part of [0.99, 0.9, 0.5, 0.1, 0.01]) {
      await truncate(file, Math.floor(size * part));
      const failure = await rejectionOf(adding(file, 'qcow2'), 'IMAGE_UNACCEPTABLE');
      expect([part, failure.details.reason]).toEqual([part, 'damaged']);
    }
  });

  it('is refused when only what its snapshots have is missing', async () => {
    const file = await filled();
    qemuImg('snapshot', '-c', 'before', file);
    expect(await adding(file, 'qcow2')).toMatchObject({ virtualSizeBytes: 8 * 1024 ** 2 });
    const { size } = await stat(file);
    await truncate(file, size - 64);
    expect((await rejectionOf(adding(file, 'qcow2'), 'IMAGE_UNACCEPTABLE')).details.reason).toBe('damaged');
  });
});

import { open, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DiskFormat, inspectDisk } from '../src/disk-format/inspect-disk.js';
import { qcow2Disk, rawDisk } from './support/disks.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

let directory: TemporaryDirectory;

beforeAll(async () => {
  directory = await TemporaryDirectory.make();
});
afterAll(async () => {
  await directory[Symbol.asyncDispose]();
});

async function inspected(bytes: Buffer, format: DiskFormat, virtualSizeBytesMax = 1024 ** 3) {
  await writeFile(directory.at('disk'), bytes);
  const file = await open(directory.at('disk'));
  try {
    return await inspectDisk(file, format, virtualSizeBytesMax);
  } finally {
    await file.close();
  }
}

function rawWith(text: string, offset: number): Buffer {
  const disk = rawDisk(128 * 1024);
  disk.write(text, offset < 0 ? disk.length + offset : offset, 'latin1');
  return disk;
}

describe('a disk by its bytes', () => {
  it('is raw when it looks like nothing else', async () => {
    expect(await inspected(rawDisk(), 'raw')).toEqual({ virtualSizeBytes: 1024 ** 2 });
  });

  it('is raw even when it is tiny', async () => {
    expect(await inspected(Buffer.from('x'), 'raw')).toEqual({ virtualSizeBytes: 1 });
  });

  it('is qcow2 when it says so', async () => {
    expect(await inspected(qcow2Disk(), 'qcow2')).toEqual({ virtualSizeBytes: 1024 ** 2 });
  });

  it('is refused as raw when it is qcow2: a guest could have written that itself', async () => {
    expect(await inspected(qcow2Disk(), 'raw')).toMatchObject({ reason: 'format' });
  });

  it('is refused as qcow2 when it is raw', async () => {
    expect(await inspected(rawDisk(), 'qcow2')).toMatchObject({ reason: 'format', because: /recorded as qcow2/ });
  });

  it.each<[string, string, number]>([
    ['qcow', 'QFI\xfb\0\0\0\x01', 0],
    ['qcow', 'QFI\xfb', 0],
    ['qed', 'QED\0', 0],
    ['vmdk', 'KDMV', 0],
    ['vmdk', 'COWD', 0],
    ['vmdk', '# Disk DescriptorFile\n\n  \nversion=1\nCID=fffffffe\nRW 1 FLAT "/etc/shadow" 0\n', 0],
    ['vdi', '\x7f\x10\xda\xbe', 64],
    ['vhd', 'conectix', 0],
    ['vhd', 'conectix', -512],
    ['vhdx', 'vhdxfile', 0],
    ['luks', 'LUKS\xba\xbe', 0],
    ['parallels', 'WithoutFreeSpace', 0],
    ['dmg', 'koly', -512],
    ['iso', 'CD001', 32_769],
    ['udf', 'NSR02', 32_769 + 2048],
    ['gzip', '\x1f\x8b\x08', 0],
    ['xz', '\xfd7zXZ\0', 0],
    ['zstd', '\x28\xb5\x2f\xfd', 0],
    ['tar', 'ustar', 257],
  ])('is refused as raw when it looks like %s (%j)', async (format, text, offset) => {
    const found = await inspected(rawWith(text, offset), 'raw');
    expect(found).toMatchObject({ reason: 'format', because: expect.stringContaining(format) });
  });

  it('is refused when it is two things at once', async () => {
    const polyglot = qcow2Disk();
    polyglot.write('CD001', 32_769);
    expect(await inspected(polyglot, 'qcow2')).toEqual({ reason: 'format', because: 'it looks like iso' });
  });

  it.each([
    ['names a backing file', { backingFile: '/etc/shadow' }, 'backing file'],
    ['names a data file', { incompatibleFeatures: 4n }, 'backing file'],
    ['is encrypted', { encryption: 2 }, 'format'],
    ['needs a feature of the future', { incompatibleFeatures: 64n }, 'format'],
    ['was not closed', { incompatibleFeatures: 1n }, 'damaged'],
    ['makes no sense', { clusterBits: 3 }, 'damaged'],
  ])('is refused as qcow2 when it %s', async (_what, fields, reason) => {
    expect(await inspected(qcow2Disk(fields), 'qcow2')).toMatchObject({ reason });
  });

  it('is refused when a guest would see more than allowed', async () => {
    expect(await inspected(qcow2Disk(), 'qcow2', 1024 ** 2 - 1)).toMatchObject({ reason: 'too large' });
    expect(await inspected(rawDisk(), 'raw', 1024 ** 2 - 1)).toMatchObject({ reason: 'too large' });
    expect(await inspected(rawDisk(), 'raw', 1024 ** 2)).toEqual({ virtualSizeBytes: 1024 ** 2 });
  });

  it('is refused when it is empty', async () => {
    expect(await inspected(Buffer.alloc(0), 'raw')).toMatchObject({ reason: 'damaged' });
  });
});

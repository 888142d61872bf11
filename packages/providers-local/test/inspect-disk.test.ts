import { open, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DiskFormat, inspectDisk } from '../src/disk-format/inspect-disk.js';
import { Qcow2Damage } from '../src/disk-format/qcow2-header.js';
import { requireQcow2Tables } from '../src/disk-format/qcow2-tables.js';
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

describe('the tables of a qcow2 disk', () => {
  const cluster = 64 * 1024;
  /** With an L2 table and a refcount block, and a cluster of data at the end. */
  function diskWithData(change: (disk: Buffer) => void = () => undefined): Buffer {
    const disk = Buffer.concat([qcow2Disk(), Buffer.alloc(3 * cluster)]);
    disk.writeBigUInt64BE(BigInt(4 * cluster), cluster);
    disk.writeBigUInt64BE(BigInt(5 * cluster) | (1n << 63n), 3 * cluster);
    disk.writeBigUInt64BE(BigInt(6 * cluster) | (1n << 63n), 5 * cluster);
    change(disk);
    return disk;
  }

  it('are followed to their end', async () => {
    expect(await inspected(diskWithData(), 'qcow2')).toEqual({ virtualSizeBytes: 1024 ** 2 });
  });

  it.each<[string, number, bigint]>([
    ['a refcount block', cluster, BigInt(99 * cluster)],
    ['an L2 table', 3 * cluster, BigInt(99 * cluster)],
    ['an L2 table in the middle of a cluster', 3 * cluster, BigInt(5 * cluster + 512)],
    ['a cluster', 5 * cluster, BigInt(7 * cluster)],
    ['the last cluster that there could be', 5 * cluster + 8 * 15, BigInt(7 * cluster)],
    ['a compressed cluster', 5 * cluster, (1n << 62n) | (5n << 54n) | BigInt(7 * cluster - 1024)],
    ['an offset of all ones', 5 * cluster, (1n << 63n) | 0x00fffffffffffe00n],
  ])('must not point beyond the end of the file: %s', async (_what, at, entry) => {
    const disk = diskWithData((each) => each.writeBigUInt64BE(entry, at));
    expect(await inspected(disk, 'qcow2')).toMatchObject({ reason: 'damaged' });
  });

  it.each<[string, (disk: Buffer) => void]>([
    ['more snapshots than there can be', (disk) => disk.writeUInt32BE(2 ** 31, 60)],
    ['snapshots that end with the file', (disk) => disk.writeUInt32BE(65_536, 60)],
    ['a refcount table that would fill the memory', (disk) => disk.writeUInt32BE(2 ** 16, 56)],
  ])('are refused with %s', async (_what, change) => {
    expect(await inspected(diskWithData(change), 'qcow2')).toMatchObject({ reason: 'damaged' });
  });

  it('are read once each, however many entries point to one', async () => {
    const disk = diskWithData((each) => {
      each.writeUInt32BE(8_192, 36);
      for (let entry = 0; entry < 8_192; entry += 1)
        each.writeBigUInt64BE(BigInt(5 * cluster), 3 * cluster + 8 * entry);
    });
    let bytesRead = 0;
    await requireQcow2Tables(disk, disk.length, (position, length) => {
      bytesRead += length;
      return Promise.resolve(disk.subarray(position, position + length));
    });
    expect(bytesRead).toBeLessThanOrEqual(disk.length);
  });

  it('are sound or refused, whatever stands in them', async () => {
    const change = fc.tuple(fc.integer({ min: 0, max: 6 * cluster }), fc.uint8Array({ minLength: 1, maxLength: 64 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
        const disk = diskWithData((each) => changes.forEach(([at, bytes]) => each.set(bytes, Math.max(72, at))));
        disk.write('QFI\xfb', 'latin1');
        const read = async (position: number, length: number) => disk.subarray(position, position + length);
        await requireQcow2Tables(disk, disk.length, read).catch((failure: unknown) => {
          expect(failure).toBeInstanceOf(Qcow2Damage);
        });
      }),
    );
  });
});

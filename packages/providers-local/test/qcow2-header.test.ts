import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isQcow2, Qcow2Damage, readQcow2Header } from '../src/disk-format/qcow2-header.js';
import { qcow2Disk, type Qcow2Fields } from './support/disks.js';

const read = (fields: Qcow2Fields) => {
  const disk = qcow2Disk(fields);
  return readQcow2Header(disk, disk.length);
};

describe('the head of a qcow2 disk', () => {
  it.each([2, 3])('is read, of version %i', (version) => {
    expect(read({ version })).toEqual({
      virtualSizeBytes: 1024 ** 2,
      backingFile: undefined,
      hasDataFile: false,
      isEncrypted: false,
      isDamaged: false,
      hasUnknownFeature: false,
    });
  });

  it.each<[string, Qcow2Fields, object]>([
    ['a backing file', { backingFile: '/etc/shadow' }, { backingFile: '/etc/shadow' }],
    ['a backing file of version 2', { version: 2, backingFile: 'json:{}' }, { backingFile: 'json:{}' }],
    ['a data file by its feature', { incompatibleFeatures: 4n }, { hasDataFile: true }],
    ['a data file by its name alone', { extensions: [[0x44415441, '/etc/shadow']] }, { hasDataFile: true }],
    [
      'a data file after another extension',
      {
        extensions: [
          [0x6803f857, 'names'],
          [0x44415441, 'x'],
        ],
      },
      { hasDataFile: true },
    ],
    ['AES', { encryption: 1 }, { isEncrypted: true }],
    ['LUKS', { encryption: 2 }, { isEncrypted: true }],
    ['a LUKS header alone', { extensions: [[0x0537be77, 'sixteen bytes, 2']] }, { isEncrypted: true }],
    ['that it was not closed', { incompatibleFeatures: 1n }, { isDamaged: true }],
    ['that it is corrupt', { incompatibleFeatures: 2n }, { isDamaged: true }],
    ['a feature of the future', { incompatibleFeatures: 32n }, { hasUnknownFeature: true }],
    ['features that are harmless', { incompatibleFeatures: 24n }, { hasUnknownFeature: false, isDamaged: false }],
  ])('tells %s', (_what, fields, facts) => {
    expect(read(fields)).toMatchObject(facts);
  });

  it.each<[string, Qcow2Fields, RegExp]>([
    ['another version', { version: 4 }, /version is 4/],
    ['clusters out of range', { clusterBits: 22 }, /cluster bits are 22/],
    ['an L1 table that is too small', { l1Entries: 0 }, /L1 table is too small/],
    ['an L1 table that would fill the memory', { l1Entries: 2 ** 31 }, /L1 table has/],
    ['an L1 table beyond its end', { l1Offset: 2n ** 40n }, /not inside the file/],
    ['a size that no number holds', { virtualSizeBytes: 2n ** 63n }, /virtual size is/],
    ['a header that is shorter than it must be', { headerBytes: 72 }, /header is 72 bytes/],
    ['a header that is longer than a cluster', { headerBytes: 2 ** 20 }, /header is 1048576 bytes/],
    ['an extension without end', { extensions: [[1, 'x'.repeat(65_528)]] }, /has no end/],
    ['a backing file whose name is too long', { backingFile: 'x'.repeat(1024) }, /backing file has no name/],
  ])('is refused with %s', (_what, fields, message) => {
    expect(() => read(fields)).toThrow(Qcow2Damage);
    expect(() => read(fields)).toThrow(message);
  });

  it('is refused when the file ends before its tables', () => {
    const disk = qcow2Disk().subarray(0, 100_000);
    expect(() => readQcow2Header(disk, disk.length)).toThrow(Qcow2Damage);
  });

  it('is read or refused, whatever its bytes are', () => {
    const anyHead = fc.tuple(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 8, max: 120 })).map(([noise, at]) => {
      const disk = qcow2Disk({ extensions: [[1, 'x']] });
      disk.set(noise, at);
      return disk;
    });
    fc.assert(
      fc.property(anyHead, fc.integer({ min: 8, max: 300_000 }), (disk, length) => {
        const head = disk.subarray(0, length);
        expect(isQcow2(head)).toBe(true);
        try {
          expect(readQcow2Header(head, head.length).virtualSizeBytes).toBeGreaterThanOrEqual(0);
        } catch (failure) {
          expect(failure).toBeInstanceOf(Qcow2Damage);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

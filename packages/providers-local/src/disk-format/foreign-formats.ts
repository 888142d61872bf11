interface Signature {
  readonly format: string;
  /** From the start of the file; below 0: from its end. */
  readonly offset: number;
  readonly bytes: Buffer;
}

const text = (format: string, offset: number, letters: string): Signature => ({
  format,
  offset,
  bytes: Buffer.from(letters, 'latin1'),
});

/** A sector of an ISO 9660 or UDF file system, and the first one that describes it. */
const SECTOR_BYTES = 2048;
const DESCRIPTORS_AT = 16 * SECTOR_BYTES;

/**
 * What a disk that is stored byte by byte must not look like: the formats that QEMU finds out by looking (block/*.c, `_probe`), disks for
 * drives of another kind, and packed files that somebody forgot to unpack. A guest can write any of them into its own disk, so that looking
 * like one is a reason to refuse and never one to believe.
 */
const signatures: readonly Signature[] = [
  text('qcow', 0, 'QFI\xfb'),
  text('qed', 0, 'QED\0'),
  text('vmdk', 0, 'KDMV'),
  text('vmdk', 0, 'COWD'),
  text('vdi', 64, '\x7f\x10\xda\xbe'),
  text('vhd', 0, 'conectix'),
  text('vhd', -512, 'conectix'),
  text('vhdx', 0, 'vhdxfile'),
  text('luks', 0, 'LUKS\xba\xbe'),
  text('parallels', 0, 'WithoutFreeSpace'),
  text('parallels', 0, 'WithouFreSpacExt'),
  text('bochs', 0, 'Bochs Virtual HD Image'),
  text('cloop', 0, '#!/bin/sh\n#V2.0 Format\n'),
  text('dmg', -512, 'koly'),
  ...[0, 1, 2, 3].flatMap((sector) => [
    text('iso', DESCRIPTORS_AT + sector * SECTOR_BYTES + 1, 'CD001'),
    text('udf', DESCRIPTORS_AT + sector * SECTOR_BYTES + 1, 'BEA01'),
    text('udf', DESCRIPTORS_AT + sector * SECTOR_BYTES + 1, 'NSR0'),
  ]),
  text('gzip', 0, '\x1f\x8b\x08'),
  text('bzip2', 0, 'BZh'),
  text('xz', 0, '\xfd7zXZ\0'),
  text('zstd', 0, '\x28\xb5\x2f\xfd'),
  text('zip', 0, 'PK\x03\x04'),
  text('tar', 257, 'ustar'),
];

/** How much of the start and the end of a file {@link foreignFormats} looks at. */
export const HEAD_BYTES = 64 * 1024;
export const TAIL_BYTES = 512;

/** The formats, other than qcow2 and raw, that a file with this start and this end could be taken for. */
export function foreignFormats(head: Buffer, tail: Buffer): readonly string[] {
  const found = signatures.filter(({ offset, bytes }) => {
    const start = offset < 0 ? tail.length + offset : offset;
    if (start < 0) return false;
    const at = (offset < 0 ? tail : head).subarray(start, start + bytes.length);
    return at.equals(bytes);
  });
  const formats = found.map(({ format }) => format);
  return [...new Set(isVmdkDescriptor(head) ? [...formats, 'vmdk'] : formats)];
}

/** QEMU takes a text for the description of a VMDK when the first line that is neither empty nor a comment gives a version. */
function isVmdkDescriptor(head: Buffer): boolean {
  const lines = head.toString('latin1').split(/\r?\n/u, 1_000);
  const first = lines.find((line) => !/^( *|#.*)$/u.test(line));
  return first !== undefined && /^version=[0-9]+/iu.test(first);
}

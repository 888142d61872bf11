import { open } from 'node:fs/promises';

interface Signature {
  readonly offset: number;
  readonly bytes: Buffer;
}

const at = (offset: number, letters: string): Signature => ({ offset, bytes: Buffer.from(letters, 'latin1') });

/**
 * What an image that is kept byte by byte does not begin with: disks in another format, and files that somebody forgot to
 * unpack. A guest could write any of these into its own disk, so looking like one is a reason to refuse and never one to
 * believe.
 */
const signatures: readonly Signature[] = [
  at(0, 'QFI\xfb'),
  at(0, 'QED\0'),
  at(0, 'KDMV'),
  at(0, 'COWD'),
  at(0, '# Disk DescriptorFile'),
  at(64, '\x7f\x10\xda\xbe'),
  at(0, 'conectix'),
  at(0, 'vhdxfile'),
  at(0, 'LUKS\xba\xbe'),
  at(0, '\x1f\x8b'),
  at(0, 'BZh'),
  at(0, '\xfd7zXZ\0'),
  at(0, '\x28\xb5\x2f\xfd'),
  at(0, '7z\xbc\xaf\x27\x1c'),
  at(0, 'PK\x03\x04'),
  at(257, 'ustar'),
];

const HEAD_BYTES = 512;
const SECTOR_BYTES = 512;

/** An error page that was saved in place of the image, or a listing of it. */
const markup = /^(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|\?xml)/iu;

/** What a file that is to be a raw disk is instead: nothing, or another kind of file. `undefined`: it may be a disk. */
export async function foreignContent(path: string): Promise<'empty' | 'format' | undefined> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size === 0) return 'empty';
    if (size % SECTOR_BYTES !== 0) return 'format';
    const head = Buffer.alloc(HEAD_BYTES);
    await file.read(head, 0, HEAD_BYTES, 0);
    const isForeign = signatures.some(({ offset, bytes }) =>
      head.subarray(offset, offset + bytes.length).equals(bytes),
    );
    return isForeign || markup.test(head.toString('latin1')) ? 'format' : undefined;
  } finally {
    await file.close();
  }
}

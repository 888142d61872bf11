/**
 * Writes a cpio archive in the "newc" format, the one the Linux kernel unpacks as an initramfs.
 *
 *     header   110 bytes: magic "070701", then 13 numbers of 8 hexadecimal digits
 *              inode, mode, uid, gid, links, mtime, size, device major, minor, rdev major, minor, name size, checksum
 *     name     with a closing zero byte; header and name together padded to 4 bytes
 *     content  padded to 4 bytes
 *
 * The archive ends with an empty entry named TRAILER!!!. See the kernel's buffer-format.rst.
 * Bytes in, bytes out: the same entries always give the same archive.
 */
export type ArchiveEntry =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly content: Uint8Array }
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

const TYPE_BITS = { directory: 0o040000, file: 0o100000, link: 0o120000 } as const;

/** A parent directory must come before what is in it: the kernel creates none by itself. */
export function newcArchive(entries: readonly ArchiveEntry[]): Buffer {
  const parts = entries.flatMap((entry, index) => encode(entry.path, index + 1, modeOf(entry), contentOf(entry)));
  return Buffer.concat([...parts, ...encode('TRAILER!!!', 0, 0, new Uint8Array())]);
}

function modeOf(entry: ArchiveEntry): number {
  return TYPE_BITS[entry.kind] | (entry.kind === 'file' ? entry.mode : entry.kind === 'directory' ? 0o755 : 0o777);
}

function contentOf(entry: ArchiveEntry): Uint8Array {
  if (entry.kind === 'file') return entry.content;
  return Buffer.from(entry.kind === 'link' ? entry.target : '');
}

function encode(path: string, inode: number, mode: number, content: Uint8Array): Uint8Array[] {
  const name = Buffer.from(`${path}\0`);
  const fields = [inode, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length, 0];
  const header = Buffer.from('070701' + fields.map((field) => field.toString(16).padStart(8, '0')).join(''));
  return [header, name, padding(header.length + name.length), content, padding(content.length)];
}

function padding(length: number): Uint8Array {
  return new Uint8Array((4 - (length % 4)) % 4);
}

import { closeSync, existsSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import type { SnapshotTarget } from '@virtkit/core/driver';
import type { DiskContent } from './disk-content.js';
import type { StoredFile } from './fake-storage.js';

/*
 * An image as a file: an empty disk of the right size and format, with a note of what the simulated disk held. Providers of images check and
 * keep it like any other, and a guest that is made from it has the content of the note. See docs/interop/qcow2.txt of QEMU.
 *
 *     qcow2    cluster 0   header of 104 bytes, the note as a header extension
 *              cluster 1   refcount table, one entry
 *              cluster 2   refcount block: each cluster of this file is used once
 *              cluster 3…  L1 table, all 0: no data
 *     raw      the note at the start, and nothing behind it
 */

const CLUSTER_BYTES = 65_536;
const HEADER_BYTES = 104;
const L1_ENTRY_COVERS_BYTES = 512 * 1024 ** 2;
const NOTE_EXTENSION = 0x564b_4e54;
const RAW_NOTE = 'simulated disk ';
/** It stands in one cluster, behind the header. */
const NOTE_BYTES_MAX = 32_768;

/** Writes the image for its owner alone. Where the directory of the target is not there, the image is in the simulator's memory only. */
export function writeImageFile({ path, format }: Pick<SnapshotTarget, 'path' | 'format'>, file: StoredFile): void {
  if (!isAbsolute(path) || !existsSync(dirname(path))) return;
  const note = noteOf(file.content);
  const { bytes, lengthBytes } = format === 'qcow2' ? qcow2Of(file.sizeMib, note) : rawOf(file.sizeMib, note);
  const target = openSync(path, 'w', 0o600);
  try {
    writeSync(target, bytes, 0, bytes.length, 0);
    ftruncateSync(target, lengthBytes);
  } finally {
    closeSync(target);
  }
}

/** What a file's note says of its content; `undefined` for a file that is not there, or is not the simulator's. */
export function readImageFile(path: string): DiskContent | undefined {
  if (!isAbsolute(path) || !existsSync(path)) return undefined;
  const head = Buffer.alloc(CLUSTER_BYTES);
  const file = openSync(path, 'r');
  try {
    const bytesRead = readSync(file, head, 0, CLUSTER_BYTES, 0);
    return contentOf(head.subarray(0, bytesRead));
  } finally {
    closeSync(file);
  }
}

/** None: nothing to do. */
export function removeImageFile(path: string): void {
  rmSync(path, { force: true });
}

function contentOf(head: Buffer): DiskContent | undefined {
  if (head.toString('latin1', 0, RAW_NOTE.length) === RAW_NOTE) return parsed(head.subarray(RAW_NOTE.length));
  if (head.length < HEADER_BYTES + 8 || head.toString('latin1', 0, 4) !== 'QFI\xfb') return undefined;
  if (head.readUInt32BE(HEADER_BYTES) !== NOTE_EXTENSION) return undefined;
  const lengthBytes = head.readUInt32BE(HEADER_BYTES + 4);
  return parsed(head.subarray(HEADER_BYTES + 8, HEADER_BYTES + 8 + lengthBytes));
}

function parsed(note: Buffer): DiskContent | undefined {
  try {
    const [text = ''] = note.toString('utf8').split('\0', 1);
    const { origin, generation, written } = JSON.parse(text) as DiskContent;
    return { origin, generation, written };
  } catch {
    return undefined;
  }
}

/** A disk that was written to very often forgets its first writes. */
function noteOf(content: DiskContent): Buffer {
  for (let { written } = content; ; written = written.slice(Math.ceil(written.length / 2))) {
    const note = Buffer.from(JSON.stringify({ ...content, written }));
    if (note.length <= NOTE_BYTES_MAX || written.length === 0) return note.subarray(0, NOTE_BYTES_MAX);
  }
}

function rawOf(sizeMib: number, note: Buffer): { readonly bytes: Buffer; readonly lengthBytes: number } {
  return { bytes: Buffer.concat([Buffer.from(RAW_NOTE), note]), lengthBytes: Math.max(1, sizeMib) * 1024 ** 2 };
}

function qcow2Of(sizeMib: number, note: Buffer): { readonly bytes: Buffer; readonly lengthBytes: number } {
  const sizeBytes = Math.max(1, sizeMib) * 1024 ** 2;
  const l1Entries = Math.ceil(sizeBytes / L1_ENTRY_COVERS_BYTES);
  const clusters = 3 + Math.ceil((l1Entries * 8) / CLUSTER_BYTES);
  const bytes = Buffer.alloc(3 * CLUSTER_BYTES);
  bytes.write('QFI\xfb', 0, 'latin1');
  bytes.writeUInt32BE(3, 4);
  bytes.writeUInt32BE(16, 20);
  bytes.writeBigUInt64BE(BigInt(sizeBytes), 24);
  bytes.writeUInt32BE(l1Entries, 36);
  bytes.writeBigUInt64BE(BigInt(3 * CLUSTER_BYTES), 40);
  bytes.writeBigUInt64BE(BigInt(CLUSTER_BYTES), 48);
  bytes.writeUInt32BE(1, 56);
  // Refcounts of 2^4 bits.
  bytes.writeUInt32BE(4, 96);
  bytes.writeUInt32BE(HEADER_BYTES, 100);
  bytes.writeUInt32BE(NOTE_EXTENSION, HEADER_BYTES);
  bytes.writeUInt32BE(note.length, HEADER_BYTES + 4);
  note.copy(bytes, HEADER_BYTES + 8);
  bytes.writeBigUInt64BE(BigInt(2 * CLUSTER_BYTES), CLUSTER_BYTES);
  for (let cluster = 0; cluster < clusters; cluster++) bytes.writeUInt16BE(1, 2 * CLUSTER_BYTES + cluster * 2);
  return { bytes, lengthBytes: clusters * CLUSTER_BYTES };
}

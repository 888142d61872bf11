import type { FileHandle } from 'node:fs/promises';
import type { ImageProblem } from '@virtkit/core/driver';
import type { SnapshotTarget } from '@virtkit/core/providers';
import { foreignFormats, HEAD_BYTES, TAIL_BYTES } from './foreign-formats.js';
import { isQcow2, QCOW2_HEAD_BYTES_MAX, Qcow2Damage, readQcow2Header } from './qcow2-header.js';
import { requireQcow2Tables, type ReadAt } from './qcow2-tables.js';

export type DiskFormat = SnapshotTarget['format'];

export interface DiskFacts {
  readonly virtualSizeBytes: number;
}

/** Why a disk is refused: the part a tenant may read, and what an operator reads beside it. */
export interface DiskRefusal {
  readonly reason: ImageProblem;
  readonly because: string;
}

/**
 * Looks at a disk as it is, before any other program does: it must be of the recorded format by its own bytes and of no other, stand alone,
 * be whole, and be no larger to its guest than allowed. Its start, its end and its tables are read.
 */
export async function inspectDisk(
  file: FileHandle,
  format: DiskFormat,
  virtualSizeBytesMax: number,
): Promise<DiskFacts | DiskRefusal> {
  const { size } = await file.stat();
  if (size === 0) return { reason: 'damaged', because: 'it is empty' };
  const head = await readAt(file, 0, Math.min(size, QCOW2_HEAD_BYTES_MAX));
  const tail = await readAt(file, Math.max(0, size - TAIL_BYTES), Math.min(size, TAIL_BYTES));
  const seen = isQcow2(head) ? 'qcow2' : 'raw';
  const foreign = foreignFormats(head.subarray(0, HEAD_BYTES), tail).filter(
    (each) => seen !== 'qcow2' || each !== 'qcow',
  );
  if (foreign.length > 0) return { reason: 'format', because: `it looks like ${foreign.join(' and ')}` };
  if (seen !== format) return { reason: 'format', because: `it is ${seen} and recorded as ${format}` };
  const facts =
    seen === 'qcow2'
      ? await qcow2Facts(head, size, (position, length) => readAt(file, position, length))
      : { virtualSizeBytes: size };
  if ('reason' in facts || facts.virtualSizeBytes <= virtualSizeBytesMax) return facts;
  const because = `a guest would see ${facts.virtualSizeBytes} bytes, and ${virtualSizeBytesMax} are allowed`;
  return { reason: 'too large', because };
}

async function qcow2Facts(head: Buffer, fileSizeBytes: number, read: ReadAt): Promise<DiskFacts | DiskRefusal> {
  try {
    const header = readQcow2Header(head, fileSizeBytes);
    if (header.backingFile !== undefined)
      return { reason: 'backing file', because: `it is over ${header.backingFile}` };
    if (header.hasDataFile) return { reason: 'backing file', because: 'it keeps its data in another file' };
    if (header.isEncrypted) return { reason: 'format', because: 'it is encrypted' };
    if (header.hasUnknownFeature) return { reason: 'format', because: 'it needs a feature that is not known here' };
    if (header.isDamaged) return { reason: 'damaged', because: 'it was not closed, or is marked as damaged' };
    await requireQcow2Tables(head, fileSizeBytes, read);
    return { virtualSizeBytes: header.virtualSizeBytes };
  } catch (failure) {
    if (failure instanceof Qcow2Damage) return { reason: 'damaged', because: failure.message };
    throw failure;
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

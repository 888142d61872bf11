import type { FileHandle } from 'node:fs/promises';
import type { z } from 'zod';
import { openRegularFile } from './open-regular-file.js';

/**
 * A record of one image or one volume. The longest of ours have some 100 KiB: 128 properties, the names of ended reservations, a chain of
 * snapshots. More than this is no record of ours, and reading it would only cost memory.
 */
export const RECORD_BYTES_MAX = 1024 ** 2;

/** What a record is read as, and the most bytes that it may have. */
export interface RecordKind<Schema extends z.ZodType> {
  readonly schema: Schema;
  readonly bytesMax: number;
}

/** A record is too large, is cut, or says what no release of ours has written. Somebody else has changed it. */
export class DamagedRecord extends Error {
  override readonly name = 'DamagedRecord';
}

/**
 * The JSON record at a path: never more of it is read than it may have, and only of a regular file.
 * @throws DamagedRecord; what the file system says, when the file is missing or cannot be read
 */
export async function readRecord<Schema extends z.ZodType>(
  path: string,
  kind: RecordKind<Schema>,
): Promise<z.output<Schema>> {
  await using file = await opened(path);
  if (file === undefined) throw new DamagedRecord('it is not a regular file');
  return await recordIn(file, kind);
}

/** The record in a file that is open. @throws DamagedRecord; what the file system says */
export async function recordIn<Schema extends z.ZodType>(
  file: FileHandle,
  { schema, bytesMax }: RecordKind<Schema>,
): Promise<z.output<Schema>> {
  const { size } = await file.stat();
  if (size > bytesMax) throw new DamagedRecord(`it has ${size} bytes, allowed: ${bytesMax}`);
  const buffer = Buffer.alloc(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await file.read(buffer, length, size - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  try {
    return schema.parse(JSON.parse(buffer.toString('utf8', 0, length)));
  } catch (cause) {
    throw new DamagedRecord('it is not what was written', { cause });
  }
}

async function opened(path: string): Promise<FileHandle | undefined> {
  try {
    return await openRegularFile(path);
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === 'ELOOP') return undefined;
    throw failure;
  }
}

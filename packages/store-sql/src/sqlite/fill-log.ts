import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';

const CHUNK_BYTES = 1_048_576;

/** No room: on the disk, for the owner, in the largest file that this process may have. */
const noRoom: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/**
 * Gives the write-ahead log of an open database its size: what is missing is written with zeros, and kept.
 *
 * A log that grows with every commit costs the file system a new size and new blocks each time, which it has to keep as well: twice as
 * long a wait as for a block that is written again. Zeros behind the last commit are no frames, since no frame is of page 0, so a reader
 * stops there after a crash as it does at the end of the file; this may be cut off at any point. Unlike the file itself, the log may
 * be opened beside SQLite: no lock of SQLite's lies on it.
 *
 * Where there is no room for it the log stays as it was and grows as it is used.
 */
export function fillLog(databasePath: string, logBytes: number): void {
  const log = openSync(`${databasePath}-wal`, 'r+');
  const { size } = fstatSync(log);
  try {
    const zeros = Buffer.alloc(CHUNK_BYTES);
    for (let at = size; at < logBytes;) at += writeSync(log, zeros, 0, Math.min(CHUNK_BYTES, logBytes - at), at);
    fdatasyncSync(log);
  } catch (failure) {
    if (!noRoom.has((failure as NodeJS.ErrnoException).code)) throw failure;
    ftruncateSync(log, size);
  } finally {
    closeSync(log);
  }
}

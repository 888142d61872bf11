import { chmodSync, closeSync, lstatSync, openSync, type Stats } from 'node:fs';
import { unusableFile } from './unusable-file.js';

const ACCEPTED = 'a new file in a directory that is there, or a store that this process may write';

/**
 * Makes the file if it is not there, and keeps it to its owner. One that is there is not opened: closing it again would drop the lock
 * of whoever has it in this process.
 * @throws ComputeError `INVALID_CONFIGURATION`
 */
export function prepareFile(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats) checkFile(path, stats);
  try {
    if (stats) chmodSync(path, 0o600);
    else closeSync(openSync(path, 'wx', 0o600));
  } catch (failure) {
    throw unusableFile(path, (failure as Error).message, ACCEPTED);
  }
}

/** Of a file with two names SQLite would look for the log beside the wrong one; a symbolic link may be somebody else's wish. */
function checkFile(path: string, stats: Stats): void {
  if (stats.isSymbolicLink()) throw unusableFile(path, 'a symbolic link', ACCEPTED);
  if (!stats.isFile()) throw unusableFile(path, 'not a file', ACCEPTED);
  if (stats.nlink > 1) throw unusableFile(path, 'a file with another name besides', ACCEPTED);
}

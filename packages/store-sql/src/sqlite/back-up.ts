import { closeSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { ComputeError } from '@virtkit/core/store';
import type { SqliteDatabase } from './sqlite-database.js';

/**
 * Writes a copy of the database, as it is at this moment and without unused pages, to a new file that only its owner may read.
 * Resolves when it is on disk. A failed one leaves no file.
 * @throws ComputeError `INVALID_INPUT` when the file is there or cannot be made
 */
export function backUp(database: SqliteDatabase, path: string): void {
  create(path);
  try {
    database.run('vacuum into ?', [path]);
    sync(path);
    sync(dirname(path));
  } catch (failure) {
    rmSync(path, { force: true });
    throw failure;
  }
}

function create(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (cause) {
    throw new ComputeError(
      'INVALID_INPUT',
      { field: 'path', value: path, accepted: 'a new file in a directory that is there' },
      { cause },
    );
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const PAGE_BYTES = 4096;

/**
 * `append`: a file that grows page by page, so that its size and its new blocks are kept with each. `overwrite`: pages that were written
 * before, as in a log that is used round and round.
 */
export type SyncedWrites = 'append' | 'overwrite';

/** How often a second this disk can be asked to keep a page and answers that it has: what no durable commit on its own can beat. */
export function disksSyncsPerSecond(directory: string, writes: SyncedWrites, count: number): number {
  const path = join(directory, 'syncs');
  const file = openSync(path, 'w', 0o600);
  const page = Buffer.alloc(PAGE_BYTES, 1);
  try {
    if (writes === 'overwrite') {
      writeSync(file, Buffer.alloc(PAGE_BYTES * count));
      fdatasyncSync(file);
    }
    const begun = performance.now();
    for (let nth = 0; nth < count; nth++) {
      writeSync(file, page, 0, PAGE_BYTES, nth * PAGE_BYTES);
      fdatasyncSync(file);
    }
    return count / ((performance.now() - begun) / 1_000);
  } finally {
    closeSync(file);
    rmSync(path);
  }
}

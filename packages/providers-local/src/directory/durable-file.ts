import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Records tell of tenants: only this process's user reads them. */
const RECORD_MODE = 0o600;

/** What {@link writeDurably} writes to before it has all of it. A name with this ending is a leftover. */
export const newFileEnding = '.new';

/**
 * Writes a file: afterwards it is on disk with this text; whoever reads meanwhile, and whoever comes after a power cut, finds the old text or
 * the new one and nothing between.
 */
export async function writeDurably(path: string, text: string): Promise<void> {
  const unfinished = `${path}.${randomBytes(6).toString('hex')}${newFileEnding}`;
  try {
    const file = await open(unfinished, 'wx', RECORD_MODE);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (failure) {
    await rm(unfinished, { force: true });
    throw failure;
  }
  await syncDirectory(dirname(path));
}

/** Afterwards the names in a directory are on disk: a rename has happened for good. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

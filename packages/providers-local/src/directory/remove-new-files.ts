import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { newFileEnding } from './durable-file.js';

/** Removes what a killed process had not finished to write of a record. Only for who has the record to itself. */
export async function removeNewFiles(directory: string, recordName: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith(`${recordName}.`) || !name.endsWith(newFileEnding)) continue;
    await rm(join(directory, name), { force: true });
  }
}

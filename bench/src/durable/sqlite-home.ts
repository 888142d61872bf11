import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openSqliteStore } from '@virtkit/store-sql';
import type { OpenStore } from '../lifecycle/load.js';

/** Opens a new store in a directory of its own inside this one, which goes with it. */
export async function openSqlite(directory: string): Promise<OpenStore> {
  const home = await mkdtemp(join(directory, 'store-'));
  const store = await openSqliteStore({ path: join(home, 'records.sqlite') });
  return {
    store,
    [Symbol.asyncDispose]: async () => {
      await store.close();
      await rm(home, { recursive: true });
    },
  };
}

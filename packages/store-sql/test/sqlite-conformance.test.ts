import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeConformance, unprovenStoreRules, type StoreUnderTest } from '@virtkit/driver-testkit/store';
import type { ComputeStore } from '@virtkit/core/store';
import { describe, expect, it, vi } from 'vitest';
import { openSqliteStore } from '../src/index.js';
import { startedWorkers } from './support/started-workers.js';

vi.mock('../src/sqlite/start-worker.js', () => import('./support/started-workers.js'));

const directories = new WeakMap<ComputeStore, string>();
const workers = new WeakMap<ComputeStore, (typeof startedWorkers)[number]>();

async function openIn(directory: string, now: () => number): Promise<ComputeStore> {
  const store = await openSqliteStore({ path: join(directory, 'records.db'), logMib: 1, now });
  directories.set(store, directory);
  const worker = startedWorkers.at(-1);
  if (worker) workers.set(store, worker);
  return store;
}

const subject: StoreUnderTest = {
  createStore: ({ now }) => openIn(mkdtempSync(join(tmpdir(), 'vk-store-')), now),
  discardData: (store) => rmSync(directories.get(store) ?? '', { recursive: true }),
  troubles: {
    reopen: (store, { now }) => openIn(directories.get(store) ?? '', now),
    // The thread alone: what becomes of the file when its process is killed is shown in sqlite-kill.test.ts.
    async kill(store) {
      await workers.get(store)?.terminate();
    },
  },
};

storeConformance({ describe, it }, subject);

it('nothing of the contract is left unproven', () => {
  expect(unprovenStoreRules(subject)).toEqual([]);
});

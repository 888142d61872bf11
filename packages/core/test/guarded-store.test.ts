import { setImmediate as turn } from 'node:timers/promises';
import { silentLog } from '@virtkit/core';
import type { ComputeStore, StoreWrite } from '@virtkit/core/store';
import { VirtualClock } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { guardStore } from '../src/guard/guarded-store.js';

/** A store that fails whatever is asked of it, as a broken file does, and counts the calls. */
function countingStore(): { readonly store: ComputeStore; calls: number } {
  const counted = { calls: 0, store: {} as ComputeStore };
  counted.store = new Proxy(counted.store, {
    get: () => () => {
      counted.calls += 1;
      return Promise.reject(new TypeError('text.replace is not a function'));
    },
  });
  return counted;
}

describe('a guarded store', () => {
  it.each<readonly [string, (store: ComputeStore) => Promise<unknown>]>([
    ['a number for a uuid', (store) => store.getInstance(42 as never)],
    ['nothing for a uuid', (store) => store.getAction(undefined as never)],
    ['a list for a host', (store) => store.listUnfinishedActions(['node-1'] as never)],
    ['a query with an unknown field', (store) => store.listInstances({ hosts: 'node-1' } as never)],
    ['NaN for a count', (store) => store.listNotifications({ afterSequence: 0, countMax: NaN })],
    ['a unit that is no list', (store) => store.commit('everything' as never)],
    ['a write that is none', (store) => store.commit([{ write: 'forget' } as unknown as StoreWrite])],
  ])('refuses %s with INVALID_INPUT at once: the store is not asked, and nothing is tried again', async (_, call) => {
    const counted = countingStore();
    const clock = new VirtualClock();
    const refused = call(guardStore(counted.store, { clock, log: silentLog })).catch((failure: unknown) => failure);
    await turn();
    await clock.advance(10_000);
    expect(await refused).toMatchObject({ code: 'INVALID_INPUT', effect: 'none' });
    expect(counted.calls).toBe(0);
  });
});

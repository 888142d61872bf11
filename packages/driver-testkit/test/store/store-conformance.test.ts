import { MemoryStore } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { failuresOf, storeConformance, unprovenStoreRules, type StoreUnderTest } from '../../src/store/index.js';
import { allStoreRules } from '../../src/store/rules/all-store-rules.js';

const because = 'its records die with the process';

const memory: StoreUnderTest = {
  createStore: ({ now }) => new MemoryStore({ now }),
  troubles: { reopen: { unprovenBecause: because }, kill: { unprovenBecause: because } },
};

storeConformance({ describe, it }, memory);

describe('the conformance suite of stores', () => {
  it('names every rule once', () => {
    const names = allStoreRules.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('lists the rules whose trouble is declared unprovable, with the reason', () => {
    const needy = allStoreRules.filter(({ troubles }) => troubles !== undefined);
    expect(needy.length).toBeGreaterThan(3);
    expect(unprovenStoreRules(memory)).toEqual(needy.map(({ name }) => ({ rule: name, because })));
  });

  it('fails the rules whose trouble is merely missing, and says what to do', async () => {
    const failures = await failuresOf((runner) => storeConformance(runner, { ...memory, troubles: {} }));
    const needy = allStoreRules.filter(({ troubles }) => troubles !== undefined);
    expect(failures.map(({ test }) => test)).toEqual(needy.map(({ name }) => name));
    expect(String(failures[0]?.failure)).toContain('troubles.reopen is missing');
  });

  it('fails a rule that hangs, at its deadline', async () => {
    const hanging: StoreUnderTest = {
      ...memory,
      ruleTimeoutMs: 200,
      createStore({ now }) {
        const store = new MemoryStore({ now });
        store.listFaults = () => new Promise(() => {});
        return store;
      },
    };
    const failures = await failuresOf((runner) => storeConformance(runner, hanging));
    const faults = failures.find(({ test }) => test.startsWith('listFaults lists every fault'));
    expect(String(faults?.failure)).toContain('The proof took more than 200 ms.');
  });

  it('fails a rule whose data cannot be discarded', async () => {
    const subject = { ...memory, discardData: () => Promise.reject(new Error('a file is left')) };
    const failures = await failuresOf((runner) => storeConformance(runner, subject));
    expect(failures.length).toBe(allStoreRules.length - unprovenStoreRules(memory).length);
  });
});

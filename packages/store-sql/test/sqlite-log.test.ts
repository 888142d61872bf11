import { existsSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openSqliteStore, type SqliteStore } from '../src/index.js';
import { fillLog } from '../src/sqlite/fill-log.js';
import { stormUnit } from './support/storm-unit.js';
import { temporaryDirectory } from './support/temporary-directory.js';

const MIB = 1_048_576;
const newPath = (): string => join(temporaryDirectory(), 'records.db');
const logBytes = (path: string): number => statSync(`${path}-wal`).size;

/** Commits units one after the other, so that each is a commit of its own. */
async function commitEach(store: SqliteStore, first: number, count: number): Promise<void> {
  for (let number = first; number < first + count; number += 1) await store.commit(stormUnit(number));
}

describe('the log', () => {
  it('has its size as soon as the store is open, keeps it while it is used, and goes with the store', async () => {
    const path = newPath();
    const store = await openSqliteStore({ path, logMib: 1 });
    expect(logBytes(path)).toBe(MIB);
    await commitEach(store, 0, 5);
    expect(logBytes(path)).toBe(MIB);
    await store.close();
    expect(existsSync(`${path}-wal`)).toBe(false);
    await using again = await openSqliteStore({ path, logMib: 2 });
    expect(logBytes(path)).toBe(2 * MIB);
    expect((await again.listInstances({})).length).toBe(5);
  });

  it('is used round and round, however much is committed without a pause', async () => {
    const path = newPath();
    await using store = await openSqliteStore({ path, logMib: 1 });
    const before = statSync(path).size;
    // About ten pages each: four times what the log holds.
    await commitEach(store, 0, 100);
    expect(statSync(path).size).toBeGreaterThan(before);
    expect(logBytes(path)).toBe(MIB);
  });

  it('leaves nothing of its own in the file', async () => {
    const path = newPath();
    await (await openSqliteStore({ path, logMib: 64 })).close();
    const database = new DatabaseSync(path);
    expect(database.prepare('pragma freelist_count').get()).toEqual({ freelist_count: 0 });
    database.close();
    expect(statSync(path).size).toBeLessThan(MIB);
  });

  it.each([0, 1, 24, 31, 32, 4_096, 5_000])('that was cut off after %i zeros is none', async (count) => {
    const path = newPath();
    await (await openSqliteStore({ path })).close();
    writeFileSync(`${path}-wal`, Buffer.alloc(count));
    await using store = await openSqliteStore({ path, logMib: 1 });
    await store.commit(stormUnit(1));
    expect((await store.listInstances({})).length).toBe(1);
  });

  it('with commits in it keeps them when zeros are put behind them, and when these are cut off', () => {
    const path = newPath();
    const database = new DatabaseSync(path);
    database.exec('pragma journal_mode = wal; create table numbers (number integer) strict');
    database.exec('insert into numbers values (1)');
    const used = logBytes(path);
    fillLog(path, MIB);
    expect(logBytes(path)).toBe(MIB);
    database.exec('insert into numbers values (2)');
    expect(logBytes(path)).toBe(MIB);
    const numbersOfCopy = (): unknown[] => {
      const reader = new DatabaseSync(path, { readOnly: true });
      const numbers = reader.prepare('select number from numbers').all();
      reader.close();
      return numbers;
    };
    expect(numbersOfCopy()).toEqual([{ number: 1 }, { number: 2 }]);
    truncateSync(`${path}-wal`, MIB - 1_000);
    expect(numbersOfCopy()).toEqual([{ number: 1 }, { number: 2 }]);
    expect(used).toBeLessThan(MIB);
    database.close();
  });
});

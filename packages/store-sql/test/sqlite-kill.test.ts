import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { openSqliteStore, type SqliteStore } from '../src/index.js';
import { runProgram } from './support/store-program.js';
import { stormUnit, unitName } from './support/storm-unit.js';
import { temporaryDirectory } from './support/temporary-directory.js';

const ROUND_COUNT = 12;

/** The numbers of the units that were acknowledged when the program was killed. */
async function stormUntilKilled(path: string, first: number, count: number): Promise<readonly number[]> {
  const acknowledgedPath = `${path}.acknowledged-${first}`;
  const child = runProgram('commit-storm', [path, acknowledgedPath, String(first), String(count)]);
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  const acknowledged = readFileSync(acknowledgedPath, 'utf8').trim().split('\n').map(Number);
  expect(acknowledged.length).toBeGreaterThanOrEqual(count);
  return acknowledged;
}

/** The unit is there as a whole. */
async function isThere(store: SqliteStore, number: number): Promise<boolean> {
  const name = unitName(number);
  const [instance, event] = stormUnit(number);
  const found = await Promise.all([
    store.getInstance(name),
    store.listEvents(name),
    store.listNotifications({ afterSequence: 0, countMax: 9, instanceUuid: name }),
  ]);
  expect(found[0]).toEqual(instance?.write === 'create-instance' && instance.instance);
  expect(found[1]).toEqual([event?.write === 'put-event' && event.event]);
  return found[2].length === 1;
}

it('a process that is killed in a storm of commits loses no acknowledged unit and leaves no half of one', async () => {
  const path = join(temporaryDirectory(), 'records.db');
  const acknowledged: number[] = [];
  for (let round = 0; round < ROUND_COUNT; round += 1) {
    // From the first moments on to where the log is copied into the file.
    const count = 1 + round * round * 17;
    acknowledged.push(...(await stormUntilKilled(path, round * 1_000_000, count)));

    await using store = await openSqliteStore({ path });
    const present = await store.listInstances({});
    const numbers = new Set(present.map(({ uuid }) => Number(uuid.replace('unit-', ''))));
    expect(acknowledged.filter((number) => !numbers.has(number))).toEqual([]);
    for (const number of numbers) expect(await isThere(store, number)).toBe(true);
    const notifications = await store.listNotifications({ afterSequence: 0, countMax: 1_000_000 });
    expect(notifications.length).toBe(numbers.size);
  }
  const database = new DatabaseSync(path);
  expect(database.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  database.close();
}, 120_000);

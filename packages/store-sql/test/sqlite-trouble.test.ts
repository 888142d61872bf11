import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { operatorFactsOf, type ComputeError } from '@virtkit/core/driver';
import { describe, expect, it, vi } from 'vitest';
import { openSqliteStore } from '../src/index.js';
import { startedWorkers } from './support/started-workers.js';
import { runProgram } from './support/store-program.js';
import { stormUnit } from './support/storm-unit.js';
import { temporaryDirectory } from './support/temporary-directory.js';

vi.mock('../src/sqlite/start-worker.js', () => import('./support/started-workers.js'));

const newPath = (): string => join(temporaryDirectory(), 'records.db');
const failureOf = (call: Promise<unknown>): Promise<ComputeError> =>
  call.then(
    () => Promise.reject(new Error('It resolved.')),
    (reason: unknown) => reason as ComputeError,
  );

describe('the thread of the store', () => {
  it('that dies takes what was under way with it, and the store says so until it is opened again', async () => {
    const path = newPath();
    const store = await openSqliteStore({ path });
    await store.commit(stormUnit(0));
    const underWay = Array.from({ length: 20 }, (_, index) => store.commit(stormUnit(index + 1)));
    const outcomes = Promise.allSettled(underWay);
    await startedWorkers.at(-1)?.terminate();
    for (const outcome of await outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    }
    const later = await failureOf(store.getInstance('unit-0'));
    expect([later.code, later.effect]).toEqual(['STORE_UNAVAILABLE', 'none']);
    expect(operatorFactsOf(later).message).toContain('thread of the store has ended');
    await store.close();

    await using again = await openSqliteStore({ path });
    expect(await again.getInstance('unit-0')).toMatchObject({ name: 'storm' });
  });
});

describe('a call', () => {
  it('that was not sent yet is taken back by its signal, and leaves nothing', async () => {
    await using store = await openSqliteStore({ path: newPath() });
    const controller = new AbortController();
    const failure = failureOf(store.commit(stormUnit(1), { signal: controller.signal }));
    controller.abort();
    expect(await failure).toMatchObject({ code: 'ABORTED', effect: 'none' });
    const aborted = await failureOf(store.listInstances({}, { signal: controller.signal }));
    expect(aborted).toMatchObject({ code: 'ABORTED', effect: 'none' });
    expect(await store.listInstances({})).toEqual([]);
  });

  it('that was sent is carried out and answered, whatever its signal says', async () => {
    await using store = await openSqliteStore({ path: newPath() });
    const controller = new AbortController();
    const commit = store.commit(stormUnit(1), { signal: controller.signal });
    // It is sent in a microtask.
    await Promise.resolve().then(() => Promise.resolve());
    controller.abort();
    expect((await commit).size).toBe(1);
  });

  it('is refused when too many wait already, and nothing of it is done', async () => {
    await using store = await openSqliteStore({ path: newPath(), waitingCountMax: 5 });
    const calls = Array.from({ length: 6 }, (_, index) => store.commit(stormUnit(index)));
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.map(({ status }) => status)).toEqual([...Array<string>(5).fill('fulfilled'), 'rejected']);
    const failure = await failureOf(calls[5] as Promise<unknown>);
    expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE', effect: 'none' });
    expect((await store.listInstances({})).length).toBe(5);
  });

  it('with what JSON cannot say is refused before anything is changed', async () => {
    await using store = await openSqliteStore({ path: newPath() });
    const [creation, event] = stormUnit(1);
    const unit = [creation, { ...event, event: { id: 1n } }] as never;
    expect(await failureOf(store.commit(unit))).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await store.listInstances({})).toEqual([]);
  });
});

describe('a disk that is full', () => {
  it('refuses with STORE_UNAVAILABLE, loses nothing, and is used again when there is room', async () => {
    const limit = ['prlimit', '--fsize=2000000:unlimited'];
    const child = runProgram('fill-disk', [newPath()], limit);
    const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    const seen = JSON.parse(output) as Record<string, number>;
    const committedCount = seen['committedCount'] ?? 0;
    expect(committedCount).toBeGreaterThan(10);
    expect(seen).toEqual({
      committedCount,
      code: 'STORE_UNAVAILABLE',
      readCount: committedCount,
      recoveredCount: committedCount + 1,
    });
  });
});

describe('a damaged record', () => {
  it('makes no page short: who reads page by page would take it for the last one', async () => {
    const path = newPath();
    const store = await openSqliteStore({ path });
    await Promise.all(Array.from({ length: 9 }, (_, index) => store.commit(stormUnit(index))));
    await store.close();
    const database = new DatabaseSync(path);
    database.exec(`update instances set record = '' where uuid in ('unit-1', 'unit-2')`);
    database.close();

    await using again = await openSqliteStore({ path });
    const page = await again.listInstances({ host: 'node-1', countMax: 3 });
    expect(page.map(({ uuid }) => uuid)).toEqual(['unit-0', 'unit-3', 'unit-4']);
    const damaged = await failureOf(again.getInstance('unit-1'));
    expect(damaged).toMatchObject({ code: 'RECORD_DAMAGED', details: { record: 'instance', uuid: 'unit-1' } });
    const change = { write: 'update-instance', uuid: 'unit-1', patch: {}, guard: {} } as const;
    expect(await failureOf(again.commit([change]))).toMatchObject({ code: 'RECORD_DAMAGED', effect: 'none' });
    expect((await again.listDamaged('node-1')).map(({ uuid }) => uuid)).toEqual(['unit-1', 'unit-2']);
  });
});

describe('a backup', () => {
  it('is a store of its own, with everything at that moment, for its owner only', async () => {
    const [path, copy] = [newPath(), newPath()];
    await using store = await openSqliteStore({ path });
    await store.commit(stormUnit(1));
    await Promise.all([store.commit(stormUnit(2)), store.backup(copy)]);
    await store.commit(stormUnit(3));
    expect(statSync(copy).mode & 0o777).toBe(0o600);

    await using restored = await openSqliteStore({ path: copy });
    expect((await restored.listInstances({})).map(({ uuid }) => uuid)).toEqual(['unit-1', 'unit-2']);
    expect(await failureOf(store.backup(copy))).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await failureOf(store.backup('/nowhere/at/all'))).toMatchObject({ code: 'INVALID_INPUT' });
  });
});

describe('a file that is lost while it is open', () => {
  const ways: readonly (readonly [string, (path: string) => void])[] = [
    ['is deleted', (path) => rmSync(path)],
    [
      'is replaced by a copy',
      (path) => {
        copyFileSync(path, `${path}.copy`);
        renameSync(`${path}.copy`, path);
      },
    ],
    ['is moved with its directory', (path) => renameSync(dirname(path), `${dirname(path)}-moved`)],
    ['is renamed', (path) => renameSync(path, `${path}.old`)],
    ['has lost its log', (path) => rmSync(`${path}-wal`)],
    ['is deleted with all that lies beside it', (path) => rmSync(dirname(path), { recursive: true })],
  ];

  it.each(ways)('and %s acknowledges nothing more, and leaves the next one alone', async (_, lose) => {
    const directory = join(temporaryDirectory(), 'records');
    mkdirSync(directory);
    const path = join(directory, 'records.db');
    const store = await openSqliteStore({ path });
    const request = { host: 'node-1', holder: 'we', leaseMs: 30_000, takeOver: 'when-expired' } as const;
    const session = await store.openSession(request);
    await store.commit(stormUnit(1));
    lose(path);

    const refused = await failureOf(store.commit(stormUnit(2)));
    expect(refused).toMatchObject({ code: 'STORE_UNAVAILABLE', effect: 'none' });
    expect(operatorFactsOf(refused).message).toMatch(/not there any more|another file/);
    // The renewal of a lease is what notices it where nothing is asked for.
    expect(await failureOf(store.renewSession(session, 30_000))).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await failureOf(store.listInstances({}))).toMatchObject({ code: 'STORE_UNAVAILABLE' });

    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory);
    await using next = await openSqliteStore({ path });
    await next.commit(stormUnit(3));
    await store.close();
    await next.commit(stormUnit(4));
    expect((await next.listInstances({})).map(({ uuid }) => uuid)).toEqual(['unit-3', 'unit-4']);
    expect(existsSync(`${path}-holder`) && existsSync(`${path}-wal`)).toBe(true);
  });

  it('under commits that come without a pause acknowledges none whose records the moved file does not have', async () => {
    const directory = join(temporaryDirectory(), 'records');
    mkdirSync(directory);
    const store = await openSqliteStore({ path: join(directory, 'records.db') });
    const begun = (first: number, count: number): Promise<unknown>[] =>
      Array.from({ length: count }, (_, index) => store.commit(stormUnit(first + index)));
    const before = begun(0, 2_000);
    const outcomesBefore = Promise.allSettled(before);
    await before[20];
    renameSync(directory, `${directory}-moved`);
    // However far the store has come by now, these come after it.
    const outcomesAfter = Promise.allSettled(begun(2_000, 100));
    const outcomes = [...(await outcomesBefore), ...(await outcomesAfter)];
    const acknowledged = outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []));
    expect(acknowledged.length).toBeLessThan(outcomes.length);
    await store.close();
    await using moved = await openSqliteStore({ path: join(`${directory}-moved`, 'records.db') });
    const present = new Set((await moved.listInstances({})).map(({ uuid }) => uuid));
    expect(acknowledged.filter((index) => !present.has(`unit-${index}`))).toEqual([]);
  });
});

import { once } from 'node:events';
import { existsSync, linkSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import { isComputeError, operatorFactsOf } from '@virtkit/core/driver';
import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../src/index.js';
import { runProgram } from './support/store-program.js';
import { temporaryDirectory } from './support/temporary-directory.js';

/** The code of the refusal, and what the operator reads of it. */
async function refusalOf(path: string): Promise<{
  readonly code: string;
  readonly message: string;
  readonly words: string;
}> {
  const failure: unknown = await openSqliteStore({ path }).then(
    async (store) => await store.close(),
    (reason: unknown) => reason,
  );
  if (!isComputeError(failure)) throw new Error(`It opened, or failed with ${String(failure)}`);
  const { code, message } = failure;
  return { code, message, words: operatorFactsOf(failure).message ?? message };
}

describe('one store has the file at a time', () => {
  it('another store of this process is refused and told so', async () => {
    const path = join(temporaryDirectory(), 'records.db');
    await using first = await openSqliteStore({ path });
    const { code, message, words } = await refusalOf(path);
    expect(code).toBe('STORE_UNAVAILABLE');
    expect(words).toContain(`held by this process (${process.pid})`);
    // Who opens a store is an operator: an uncaught refusal says the whole sentence.
    expect(message).toContain(words);
    expect(await first.listInstances({})).toEqual([]);
    expect((await refusalOf(path)).code).toBe('STORE_UNAVAILABLE');
  });

  it('another process is refused as long as the holder lives, also by SIGKILL', async () => {
    const path = join(temporaryDirectory(), 'records.db');
    const child = runProgram('hold-store', [path]);
    await once(child.stdout, 'data');
    const { code, words } = await refusalOf(path);
    expect(code).toBe('STORE_UNAVAILABLE');
    expect(words).toContain(`held by process ${child.pid} on`);

    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(`${path}-holder`)).toBe(true);
    await using store = await openSqliteStore({ path });
    // Its lease had an hour to go; but whoever held the file is dead.
    expect(await store.getSession('node-1')).toMatchObject({ lease: 'expired', session: { epoch: 1 } });
    const request = { host: 'node-1', holder: 'we', leaseMs: 1_000, takeOver: 'when-expired' } as const;
    expect((await store.openSession(request)).epoch).toBe(2);
  });

  it('the file is free when close has resolved, and nothing else is left beside it', async () => {
    const path = join(temporaryDirectory(), 'records.db');
    for (let round = 0; round < 5; round += 1) await (await openSqliteStore({ path })).close();
    expect([`${path}-wal`, `${path}-shm`, `${path}-holder`].filter((file) => existsSync(file))).toEqual([]);
  });
});

describe('the file', () => {
  it('is for its owner only, with all that lies beside it', async () => {
    const path = join(temporaryDirectory(), 'records.db');
    writeFileSync(path, '', { mode: 0o644 });
    await using store = await openSqliteStore({ path });
    await store.openSession({ host: 'node-1', holder: 'a', leaseMs: 1, takeOver: 'at-once' });
    const modes = [path, `${path}-wal`, `${path}-holder`].map((file) => statSync(file).mode & 0o777);
    expect(modes).toEqual([0o600, 0o600, 0o600]);
  });

  it('is refused, and left as it was, when it is not a store', async () => {
    const directory = temporaryDirectory();
    const text = join(directory, 'letter.txt');
    writeFileSync(text, 'Dear Sir or Madam, '.repeat(100));
    expect(await refusalOf(text)).toMatchObject({ code: 'INVALID_CONFIGURATION' });
    expect(readFileSync(text, 'utf8')).toBe('Dear Sir or Madam, '.repeat(100));

    const foreign = join(directory, 'foreign.db');
    const database = new DatabaseSync(foreign);
    database.exec('create table recipes (name text)');
    database.close();
    const before = readFileSync(foreign);
    const { code, words } = await refusalOf(foreign);
    expect([code, words]).toEqual(['INVALID_CONFIGURATION', expect.stringContaining('of another program')]);
    expect(readFileSync(foreign).equals(before)).toBe(true);
  });

  it('is refused when it is damaged', async () => {
    const path = join(temporaryDirectory(), 'records.db');
    await (await openSqliteStore({ path })).close();
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 100, 4_096);
    writeFileSync(path, bytes);
    const { code, words } = await refusalOf(path);
    expect([code, words]).toEqual(['STORE_UNAVAILABLE', expect.stringContaining('malformed')]);
  });

  it('is refused when its path is a link, a directory or nowhere', async () => {
    const directory = temporaryDirectory();
    const path = join(directory, 'records.db');
    await (await openSqliteStore({ path })).close();
    symlinkSync(path, join(directory, 'symbolic'));
    linkSync(path, join(directory, 'hard'));
    mkdirSync(join(directory, 'directory'));
    for (const name of ['symbolic', 'hard', 'directory', 'nowhere/records.db']) {
      expect((await refusalOf(join(directory, name))).code, name).toBe('INVALID_CONFIGURATION');
    }
  });

  it.each([
    [{ path: 'records.db' }, 'Configuration path is "records.db"; accepted: an absolute path.'],
    [{}, 'Configuration path is missing; accepted: an absolute path.'],
    [{ path: '/x', waitingCountMax: 0 }, 'Configuration waitingCountMax is 0; accepted: a whole number, at least 1.'],
    [{ path: '/x', now: 5 }, 'Configuration now is 5; accepted: a function.'],
    [{ path: '/x', mode: 7 }, 'Configuration mode is 7; accepted: no field of this name.'],
  ])('%j is refused in words', async (options, message) => {
    const opening = openSqliteStore(options as never);
    await expect(opening).rejects.toMatchObject({ code: 'INVALID_CONFIGURATION', message });
  });
});

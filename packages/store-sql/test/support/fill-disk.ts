import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { isComputeError } from '@virtkit/core/store';
import { openSqliteStore } from '../../src/index.js';
import { stormUnit } from './storm-unit.js';

/** A program that commits until its file may not grow any more, gets more room, and goes on. It says what it saw, in JSON. */
const store = await openSqliteStore({ path: process.argv[2] ?? '' });
let committedCount = 0;
let failure: unknown;
while (failure === undefined && committedCount < 100_000) {
  await store.commit(stormUnit(committedCount)).then(
    () => (committedCount += 1),
    (reason: unknown) => (failure = reason),
  );
}
const code = isComputeError(failure) ? failure.code : String(failure);
const readCount = (await store.listInstances({})).length;
spawnSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited']);
await store.commit(stormUnit(committedCount));
const recoveredCount = (await store.listInstances({})).length;
await store.close();
process.stdout.write(JSON.stringify({ committedCount, code, readCount, recoveredCount }));

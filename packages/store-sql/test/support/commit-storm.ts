import { openSync, writeSync } from 'node:fs';
import process from 'node:process';
import { openSqliteStore } from '../../src/index.js';
import { stormUnit } from './storm-unit.js';

/**
 * A program that commits as fast as it can, and is killed when so many units have been acknowledged, while others are under way. The
 * numbers of those that were are in a file, which outlives it.
 */
const [path = '', acknowledgedPath = '', first = '0', count = '1'] = process.argv.slice(2);
const store = await openSqliteStore({ path });
const acknowledged = openSync(acknowledgedPath, 'a');

let next = Number(first);
let left = Number(count);
async function commitOn(): Promise<never> {
  for (;;) {
    const number = next;
    next += 1;
    await store.commit(stormUnit(number));
    writeSync(acknowledged, `${number}\n`);
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  }
}
await Promise.all(Array.from({ length: 32 }, commitOn));

import { writeSync } from 'node:fs';
import process from 'node:process';
import { openSqliteStore } from '../../src/index.js';
import { stormUnit } from './storm-unit.js';

/** A program that commits as fast as it can and says the number of every unit that was acknowledged, until it is killed. */
const [path = '', first = '0'] = process.argv.slice(2);
const store = await openSqliteStore({ path });

let next = Number(first);
async function commitOn(): Promise<never> {
  for (;;) {
    const number = next;
    next += 1;
    await store.commit(stormUnit(number));
    // Not a stream: it would hold back what was acknowledged.
    writeSync(1, `${number}\n`);
  }
}
await Promise.all(Array.from({ length: 32 }, commitOn));

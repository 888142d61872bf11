import process from 'node:process';
import { openSqliteStore } from '../../src/index.js';

/** A program that opens a store with a session in it, says so, and has it until it is killed. */
const store = await openSqliteStore({ path: process.argv[2] ?? '' });
await store.openSession({ host: 'node-1', holder: 'the child', leaseMs: 3_600_000, takeOver: 'when-expired' });
process.stdout.write('open\n');
process.stdin.resume();

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import process from 'node:process';

/**
 * A note beside the file of who has it, for the operator whose second store is refused. The lock is SQLite's; the note decides
 * nothing, and stays behind when its writer dies.
 */
function noteOf(path: string): string {
  return `${path}-holder`;
}

interface Holder {
  readonly pid: number;
  readonly hostname: string;
  readonly since: string;
}

export function writeHolder(path: string): void {
  const holder: Holder = { pid: process.pid, hostname: hostname(), since: new Date().toISOString() };
  writeFileSync(noteOf(path), JSON.stringify(holder), { mode: 0o600 });
}

export function forgetHolder(path: string): void {
  rmSync(noteOf(path), { force: true });
}

/** In words. */
export function readHolder(path: string): string {
  try {
    const { pid, hostname: name, since } = JSON.parse(readFileSync(noteOf(path), 'utf8')) as Holder;
    const who = pid === process.pid && name === hostname() ? `this process (${pid})` : `process ${pid} on ${name}`;
    return `${who} since ${since}`;
  } catch {
    return 'a process that has left no note';
  }
}

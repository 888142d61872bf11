import { spawn, type ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, onTestFinished } from 'vitest';
import { bundle } from './bundle.js';

const names = ['commit-storm', 'hold-store', 'fill-disk'] as const;
const directory = await bundle(
  Object.fromEntries(names.map((name) => [name, fileURLToPath(new URL(`./${name}.ts`, import.meta.url))])),
);
afterAll(() => rm(directory, { recursive: true }));

/** Runs one of the programs beside this file in a process of its own, which is dead when the test has ended. */
export function runProgram(
  name: (typeof names)[number],
  args: readonly string[],
  prefix: readonly string[] = [],
): ChildProcess & { readonly stdout: NodeJS.ReadableStream } {
  const [command = process.execPath, ...rest] = [...prefix, process.execPath, join(directory, `${name}.js`), ...args];
  const child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

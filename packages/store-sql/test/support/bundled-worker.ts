import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll } from 'vitest';
import type { WorkerOptions } from '../../src/sqlite/store-request.js';
import { bundle } from './bundle.js';

const directory = await bundle();
afterAll(() => rm(directory, { recursive: true }));

/** Every thread that was started, the last one last. */
export const startedWorkers: Worker[] = [];

/** In place of `start-worker.ts`: the same thread, from the sources of now. */
export function startWorker(options: WorkerOptions): Worker {
  const execArgv = ['--disable-warning=ExperimentalWarning'];
  const worker = new Worker(join(directory, 'sqlite-worker.js'), { workerData: options, execArgv });
  startedWorkers.push(worker);
  return worker;
}

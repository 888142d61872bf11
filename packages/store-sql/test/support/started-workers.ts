import type { Worker } from 'node:worker_threads';
import { vi } from 'vitest';
import type * as starting from '../../src/sqlite/start-worker.js';
import type { WorkerOptions } from '../../src/sqlite/store-request.js';

const { startWorker: start } = await vi.importActual<typeof starting>('../../src/sqlite/start-worker.js');

/** Every thread that was started, the last one last. */
export const startedWorkers: Worker[] = [];

/** In place of `start-worker.ts`, for tests that end a thread themselves. */
export function startWorker(options: WorkerOptions): Worker {
  const worker = start(options);
  startedWorkers.push(worker);
  return worker;
}

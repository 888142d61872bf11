import { Worker } from 'node:worker_threads';
import type { WorkerOptions } from './store-request.js';

/** Starts the thread that has the file. It takes none of the process's flags; SQLite's warning that it is new says nothing to an operator. */
export function startWorker(options: WorkerOptions): Worker {
  return new Worker(new URL('./sqlite-worker.js', import.meta.url), {
    name: 'virtkit-store',
    workerData: options,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
}

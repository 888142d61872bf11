import type { Worker } from 'node:worker_threads';
import { checkedValue, forOperator } from '@virtkit/core/store';
import { decodeFailure, encodeFailure } from './encode-failure.js';
import { prepareFile } from './prepare-file.js';
import { RequestLine } from './request-line.js';
import { sqliteOptions, type SqliteStoreOptions } from './sqlite-options.js';
import { SqliteStore } from './sqlite-store.js';
import { startWorker } from './start-worker.js';
import type { Opening } from './store-request.js';

/**
 * Opens a file of records, and makes it when it is not there. Nobody else can open it until this store is closed or its process is
 * dead; hence every session that is found in it is ended.
 *
 * @throws ComputeError `INVALID_CONFIGURATION` for an option that is wrong, and for a file that is no store, or of a newer release;
 * nothing has been changed then. `STORE_UNAVAILABLE` while another store has the file, and when it cannot be read; the message
 * says who has it, or what SQLite said.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const checked = await checkedValue(sqliteOptions, options, 'INVALID_CONFIGURATION');
  const { path, logMib, waitingCountMax, now } = checked;
  prepareFile(path);
  const worker = startWorker({ path, logMib });
  await opened(worker);
  return new SqliteStore(new RequestLine(worker, { waitingCountMax, now }));
}

/** Resolves when the worker has opened the file; when it rejects, the worker has ended. */
async function opened(worker: Worker): Promise<void> {
  let problem = encodeFailure(new Error('The thread of the store has ended.'), 'none');
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const hear = (message: Opening): void => {
    if ('failure' in message) problem = message.failure;
    else resolve();
  };
  const fail = (failure: unknown): void => {
    problem = encodeFailure(failure, 'none');
  };
  const end = (): void => reject(forOperator(decodeFailure(problem)));
  worker.once('message', hear).once('error', fail).once('exit', end);
  await promise;
  worker.off('error', fail).off('exit', end);
}

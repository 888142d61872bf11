import process from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import { encodeFailure, isFinal } from './encode-failure.js';
import { openDatabase } from './open-database.js';
import { QuietCheckpoint } from './quiet-checkpoint.js';
import { answerGroup } from './request-group.js';
import type { EncodedFailure, Opening, RequestBatch, StoreAnswer, WorkerOptions } from './store-request.js';

/** The program of the thread that has the file. It waits for the disk, so that nobody else does. */
const port = parentPort;
if (!port) throw new Error('This is the program of a worker thread.');

const { database, records, file } = await openDatabase(workerData as WorkerOptions).catch((failure: unknown) => {
  port.postMessage({ failure: encodeFailure(failure, 'none') } satisfies Opening);
  process.exit();
});

/** Why nothing but the end is done any more. */
let lost: EncodedFailure | undefined;

function onFailure(failure: unknown): void {
  if (isFinal(failure)) lost ??= encodeFailure(failure, 'none');
}

async function answers({ requests, nowMs = Date.now() }: RequestBatch): Promise<readonly StoreAnswer[]> {
  const failure = lost;
  const taken = failure ? requests.filter(({ method }) => method === 'close') : requests;
  const answered = await answerGroup(taken, { ground: { database, records, file, nowMs }, onFailure });
  if (!failure) return answered;
  const refused = requests.filter(({ method }) => method !== 'close');
  return [...answered, ...refused.map(({ id }) => ({ id, failure }))];
}

function copyLog(): void {
  if (lost) return;
  try {
    database.checkpoint();
  } catch (failure) {
    // What is in the log is on disk, and the next one copies it, unless the disk itself has failed.
    onFailure(failure);
  }
}

let last = Promise.resolve();
const quietCheckpoint = new QuietCheckpoint(() => {
  last = last.then(copyLog);
});
port.on('message', (text: string) => {
  const batch = JSON.parse(text) as RequestBatch;
  // A failure in here is nobody's answer: it ends the thread, and the store says so.
  last = last.then(async () => {
    port.postMessage(await answers(batch));
    quietCheckpoint.note(batch.requests.some(({ method }) => method === 'commit') ? 'commit' : 'other');
    if (!batch.requests.some(({ method }) => method === 'close')) return;
    quietCheckpoint.stop();
    port.close();
  });
});
port.postMessage({ opened: true } satisfies Opening);

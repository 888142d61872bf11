import { setImmediate } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { ComputeError } from '@virtkit/core/store';
import { decodeFailure } from './encode-failure.js';
import type { RequestBatch, StoreAnswer, StoreRequest } from './store-request.js';

/** One that is being carried out, and one that lies ready when it is done. */
const BATCHES_UNDER_WAY_MAX = 2;

/** Bounds what a failing commit of a group takes with it, and how long a reader waits behind one. */
const BATCH_COUNT_MAX = 256;

type RequestWithoutId = StoreRequest extends infer Each
  ? Each extends StoreRequest
    ? Omit<Each, 'id'>
    : never
  : never;

interface Waiting {
  readonly request: StoreRequest;
  readonly resolve: (value: unknown) => void;
  readonly reject: (failure: ComputeError) => void;
}

export interface RequestLineOptions {
  readonly waitingCountMax: number;
  readonly now: (() => number) | undefined;
}

/**
 * The line to the worker. Requests are sent in order and in batches: while one batch is carried out, the next one gathers. What
 * has not been sent can be taken back; what has been is carried out and answered.
 */
export class RequestLine {
  readonly #worker: Worker;
  readonly #options: RequestLineOptions;
  readonly #unsent = new Map<number, Waiting>();
  readonly #sent = new Map<number, Waiting>();
  #lastId = 0;
  #batchesUnderWay = 0;
  #isSendingSoon = false;
  #isClosing = false;
  #death: string | undefined;
  readonly #ended: Promise<void>;

  /** @param worker one that has said that it is open */
  constructor(worker: Worker, options: RequestLineOptions) {
    this.#worker = worker;
    this.#options = options;
    worker.on('message', (answers: readonly StoreAnswer[]) => this.#settle(answers));
    worker.on('error', (failure) => this.#die(`The thread of the store has failed: ${failure.message}`));
    worker.on('messageerror', (failure) => this.#die(`The thread of the store was not understood: ${failure.message}`));
    this.#ended = new Promise((resolve) => {
      worker.on('exit', () => {
        this.#die('The thread of the store has ended.');
        resolve();
      });
    });
    // A store with nothing to do does not keep the process alive.
    worker.unref();
  }

  /** Whether the thread is gone, and every call is refused. */
  get isDead(): boolean {
    return this.#death !== undefined;
  }

  /** @throws ComputeError `STORE_UNAVAILABLE`, `ABORTED` */
  async ask(request: RequestWithoutId, signal?: AbortSignal): Promise<unknown> {
    if (signal?.aborted) throw aborted(request);
    const waitingCount = this.#unsent.size + this.#sent.size;
    if (waitingCount >= this.#options.waitingCountMax) {
      throw unavailable(`${waitingCount} calls are waiting for the store already.`, 'none');
    }
    if (!signal) return await this.#push(request);

    const id = this.#lastId + 1;
    const takeBack = (): void => {
      const waiting = this.#unsent.get(id);
      this.#unsent.delete(id);
      waiting?.reject(aborted(request));
    };
    signal.addEventListener('abort', takeBack, { once: true });
    try {
      return await this.#push(request);
    } finally {
      signal.removeEventListener('abort', takeBack);
    }
  }

  /** Closes the file when all that was asked has been answered, and resolves when the thread has ended. Nothing is asked any more. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#worker.ref();
    try {
      await this.#push({ method: 'close', input: 'null' });
    } catch {
      // It is dead, or could not close the file: the kernel does, with the thread.
      await this.#worker.terminate();
    }
    await this.#ended;
    // A thread's last answers and its end may be told in one breath: whoever was answered has its turn before this resolves.
    await setImmediate();
  }

  #push(request: RequestWithoutId): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#death !== undefined) throw unavailable(this.#death, 'none');
      this.#lastId += 1;
      this.#unsent.set(this.#lastId, { request: { ...request, id: this.#lastId }, resolve, reject });
      this.#sendSoon();
    });
  }

  /** Those who ask in one breath go together. */
  #sendSoon(): void {
    if (this.#isSendingSoon || this.#batchesUnderWay >= BATCHES_UNDER_WAY_MAX) return;
    this.#isSendingSoon = true;
    queueMicrotask(() => {
      this.#isSendingSoon = false;
      this.#send();
    });
  }

  #send(): void {
    if (this.#death !== undefined || this.#batchesUnderWay >= BATCHES_UNDER_WAY_MAX) return;
    // Not all that wait at once: while the thread carries out one share of them, what follows from the answers to the other is made here.
    const share = Math.ceil((this.#unsent.size + this.#sent.size) / BATCHES_UNDER_WAY_MAX);
    const countMax = Math.min(share, BATCH_COUNT_MAX);
    const requests: StoreRequest[] = [];
    for (const [id, waiting] of this.#unsent) {
      if (requests.length === countMax) break;
      requests.push(waiting.request);
      this.#unsent.delete(id);
      this.#sent.set(id, waiting);
    }
    if (requests.length === 0) return;
    if (this.#batchesUnderWay === 0) this.#worker.ref();
    this.#batchesUnderWay += 1;
    const batch: RequestBatch = { requests, nowMs: this.#options.now?.() };
    // Many small objects cross in half the time as one text.
    this.#worker.postMessage(JSON.stringify(batch));
  }

  #settle(answers: readonly StoreAnswer[]): void {
    this.#batchesUnderWay -= 1;
    // The next batch is on its way before anybody looks at the answers of this one.
    this.#send();
    if (this.#batchesUnderWay === 0 && !this.#isClosing) this.#worker.unref();
    for (const answer of answers) {
      const waiting = this.#sent.get(answer.id);
      this.#sent.delete(answer.id);
      if ('failure' in answer) waiting?.reject(decodeFailure(answer.failure));
      else waiting?.resolve(answer.value);
    }
  }

  #die(reason: string): void {
    if (this.#death !== undefined) return;
    this.#death = reason;
    for (const { reject } of this.#unsent.values()) reject(unavailable(reason, 'none'));
    // Nobody knows how far it came.
    for (const { reject } of this.#sent.values()) reject(unavailable(reason, 'unknown'));
    this.#unsent.clear();
    this.#sent.clear();
  }
}

function unavailable(message: string, effect: 'none' | 'unknown'): ComputeError<'STORE_UNAVAILABLE'> {
  return new ComputeError('STORE_UNAVAILABLE', {}, { effect, operator: { message } });
}

function aborted({ method }: RequestWithoutId): ComputeError<'ABORTED'> {
  return new ComputeError('ABORTED', { operation: method }, { effect: 'none' });
}

import type { CallOptions, Clock } from '@virtkit/core/driver';

/** Real turns of the event loop, taken when this module loads so that a test runner's fake timers do not stop us. */
const nextTurn = globalThis.setImmediate;

export interface VirtualClockOptions {
  /** What `now()` says at first, in milliseconds since the epoch. The default is a fixed day, so that runs are alike. */
  readonly epochMs?: number;
}

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

export interface RunUntilIdleOptions {
  /** A wait that renews itself for ever is never idle; more wake-ups than this are taken for one. Default 100,000. */
  readonly wakeUpsMax?: number;
}

/**
 * Time that passes only when a test says so. Sleepers wake in the order in which they are due, and in the order in which
 * they fell asleep where they are due together; between two of them the woken code runs until it waits for something
 * else. No real time is spent.
 */
export class VirtualClock implements Clock {
  readonly #epochMs: number;
  #elapsedMs = 0;
  /** Ordered by `dueMs`; equals in the order of their arrival. */
  readonly #sleepers: Sleeper[] = [];

  constructor(options: VirtualClockOptions = {}) {
    this.#epochMs = options.epochMs ?? Date.UTC(2026, 0, 1);
  }

  now(): number {
    return this.#epochMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  /** How many are asleep. */
  get sleeperCount(): number {
    return this.#sleepers.length;
  }

  after(durationMs: number, due: () => void): () => void {
    checkDuration(durationMs);
    const sleeper: Sleeper = { dueMs: this.#elapsedMs + Math.max(0, durationMs), wake: due };
    this.#sleepers.splice(this.#firstAfter(sleeper.dueMs), 0, sleeper);
    return () => {
      const index = this.#sleepers.indexOf(sleeper);
      if (index >= 0) this.#sleepers.splice(index, 1);
    };
  }

  sleep(durationMs: number, options: CallOptions = {}): Promise<void> {
    const { signal } = options;
    checkDuration(durationMs);
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const abort = (): void => {
        cancel();
        reject(signal?.reason as Error);
      };
      const cancel = this.after(durationMs, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Lets `durationMs` pass. Afterwards everyone due by then is awake and has run until their next wait. */
  async advance(durationMs: number): Promise<void> {
    if (!(durationMs >= 0)) throw new RangeError(`durationMs is ${durationMs}; accepted: 0 or more.`);
    await settled();
    const untilMs = this.#elapsedMs + durationMs;
    for (let next = this.#sleepers[0]; next !== undefined && next.dueMs <= untilMs; next = this.#sleepers[0]) {
      await this.#wakeFirst(next);
    }
    this.#elapsedMs = untilMs;
  }

  /** Lets time pass until the next sleeper is due, and wakes it. `'idle'`: nobody was asleep. */
  async advanceToNext(): Promise<'advanced' | 'idle'> {
    await settled();
    const next = this.#sleepers[0];
    if (next === undefined) return 'idle';
    await this.#wakeFirst(next);
    return 'advanced';
  }

  /** Lets time pass until nobody sleeps any more. @throws RangeError when that does not come about */
  async runUntilIdle({ wakeUpsMax = 100_000 }: RunUntilIdleOptions = {}): Promise<void> {
    for (let wakeUps = 0; (await this.advanceToNext()) === 'advanced'; wakeUps += 1) {
      if (wakeUps >= wakeUpsMax) throw new RangeError(`The clock is not idle after ${wakeUpsMax} wake-ups.`);
    }
  }

  async #wakeFirst(sleeper: Sleeper): Promise<void> {
    this.#sleepers.shift();
    this.#elapsedMs = Math.max(this.#elapsedMs, sleeper.dueMs);
    sleeper.wake();
    await settled();
  }

  #firstAfter(dueMs: number): number {
    let low = 0;
    let high = this.#sleepers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const sleeper = this.#sleepers[middle];
      if (sleeper !== undefined && sleeper.dueMs <= dueMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function checkDuration(durationMs: number): void {
  if (Number.isNaN(durationMs)) throw new RangeError('durationMs is NaN; accepted: a number of milliseconds.');
}

/** A turn of the event loop: every promise that can go on has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => nextTurn(resolve));
}

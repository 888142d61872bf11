import { ComputeError } from '@virtkit/core/providers';

/** More than that wait for one thing only when something is stuck. */
const WAITING_COUNT_MAX = 1_000;

interface Lane {
  waiting: number;
  last: Promise<unknown>;
}

/** Lets work on the same thing in one at a time, in the order it came; work on different things does not wait for each other. */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();

  /**
   * Does the work when its turn has come. Aborted before that, it is not done.
   * @throws ComputeError `QUEUE_FULL`
   */
  async enter<Result>(key: string, signal: AbortSignal | undefined, work: () => Promise<Result>): Promise<Result> {
    const lane = this.#lanes.get(key) ?? { waiting: 0, last: Promise.resolve() };
    if (lane.waiting >= WAITING_COUNT_MAX) {
      throw new ComputeError('QUEUE_FULL', { operation: 'use it', pendingMax: WAITING_COUNT_MAX });
    }
    this.#lanes.set(key, lane);
    lane.waiting += 1;
    let hasBegun = false;
    const turn = lane.last.then(async () => {
      try {
        signal?.throwIfAborted();
        hasBegun = true;
        return await work();
      } finally {
        lane.waiting -= 1;
        if (lane.waiting === 0) this.#lanes.delete(key);
      }
    });
    lane.last = turn.catch(() => {});
    return await new Promise<Result>((resolve, reject) => {
      const giveUp = (): void => {
        if (!hasBegun) reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      void turn.then(resolve, reject).finally(() => signal?.removeEventListener('abort', giveUp));
    });
  }

  /** Resolves when nothing is being done any more of what was let in until now. */
  async idle(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map(({ last }) => last));
  }
}

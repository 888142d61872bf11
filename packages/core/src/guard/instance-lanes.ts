import { ComputeError, isComputeError, type Clock } from '../driver/index.js';

export interface LaneEntry {
  readonly instanceUuid: string;
  /** As it reads in a sentence: "Cannot … now". */
  readonly operation: string;
  /** `'overtake'`: cancels what runs and what waits, and goes as soon as that has settled, or after a while anyway. */
  readonly manner: 'wait' | 'overtake';
  readonly signal: AbortSignal | undefined;
}

/** A place at the head of a lane. */
export interface LaneTurn {
  /** Aborted by the entry's own, or by one that overtakes. */
  readonly signal: AbortSignal;
  /** Lets the next one go. Idempotent. */
  readonly leave: () => void;
}

interface Lane {
  /** Resolves when the last of the lane has settled. */
  tail: Promise<void>;
  readonly inside: Set<AbortController>;
}

/** More than a person or a retrying client ever has waiting for one instance; beyond it something is wrong. */
const PENDING_COUNT_MAX = 16;

/**
 * One lane an instance: what changes an instance is done one after another, in the order it came. Lanes of different
 * instances do not meet.
 */
export class InstanceLanes {
  readonly #lanes = new Map<string, Lane>();
  readonly #clock: Clock;
  /** How long one that overtakes waits for what it has cancelled, in milliseconds. */
  readonly #overtakeAfterMs: number;

  constructor({ clock, overtakeAfterMs }: { readonly clock: Clock; readonly overtakeAfterMs: number }) {
    this.#clock = clock;
    this.#overtakeAfterMs = overtakeAfterMs;
  }

  /** How many are inside or waiting, over all lanes. */
  get size(): number {
    let size = 0;
    for (const lane of this.#lanes.values()) size += lane.inside.size;
    return size;
  }

  isBusy(instanceUuid: string): boolean {
    return this.#lanes.has(instanceUuid);
  }

  /**
   * Runs `work` when it is its turn. Its signal is aborted by the entry's, or by one that overtakes.
   * @throws ComputeError `QUEUE_FULL`, or `ABORTED` while waiting
   */
  async enter<Value>(entry: LaneEntry, work: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
    const turn = await this.take(entry);
    try {
      return await work(turn.signal);
    } finally {
      turn.leave();
    }
  }

  /**
   * Resolves when it is the entry's turn. Whoever takes a turn must leave.
   * @throws ComputeError `QUEUE_FULL`, or `ABORTED` while waiting
   */
  async take(entry: LaneEntry): Promise<LaneTurn> {
    const lane = this.#laneOf(entry);
    const abort = new AbortController();
    const before = lane.inside.size > 0 ? lane.tail : undefined;
    if (entry.manner === 'overtake') overtake(lane, entry);
    lane.inside.add(abort);

    const signal = entry.signal ? AbortSignal.any([entry.signal, abort.signal]) : abort.signal;
    const done = Promise.withResolvers<void>();
    // What comes later waits for those ahead and for this one, even if this one leaves early.
    lane.tail = before ? Promise.all([before, done.promise]).then(() => undefined) : done.promise;
    const leave = (): void => {
      lane.inside.delete(abort);
      done.resolve();
      if (lane.inside.size === 0 && this.#lanes.get(entry.instanceUuid) === lane)
        this.#lanes.delete(entry.instanceUuid);
    };
    try {
      if (before) await (entry.manner === 'wait' ? this.#turn(before, signal, entry) : this.#soon(before));
      return { signal, leave };
    } catch (failure) {
      leave();
      throw failure;
    }
  }

  #laneOf({ instanceUuid, operation, manner }: LaneEntry): Lane {
    const lane = this.#lanes.get(instanceUuid) ?? { tail: Promise.resolve(), inside: new Set() };
    if (manner === 'wait' && lane.inside.size >= PENDING_COUNT_MAX) {
      throw new ComputeError('QUEUE_FULL', { operation, pendingMax: PENDING_COUNT_MAX });
    }
    this.#lanes.set(instanceUuid, lane);
    return lane;
  }

  async #turn(before: Promise<void>, signal: AbortSignal, { operation }: LaneEntry): Promise<void> {
    // One that was overtaken says so; one whose caller lost patience was cancelled before it began.
    const refuse = (): ComputeError =>
      isComputeError(signal.reason)
        ? signal.reason
        : new ComputeError('ABORTED', { operation }, { cause: signal.reason, effect: 'none' });
    if (signal.aborted) throw refuse();
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => aborted.reject(refuse());
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await Promise.race([before, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async #soon(before: Promise<void>): Promise<void> {
    const longEnough = Promise.withResolvers<void>();
    const cancelTimer = this.#clock.after(this.#overtakeAfterMs, () => longEnough.resolve());
    await Promise.race([before, longEnough.promise]);
    cancelTimer();
  }
}

function overtake(lane: Lane, { instanceUuid, operation }: LaneEntry): void {
  for (const abort of lane.inside) {
    abort.abort(
      new ComputeError('UNEXPECTED_TASK_STATE', {
        instanceUuid,
        expected: ['its own'],
        actual: `that of ${operation}`,
      }),
    );
  }
}

import type { Clock } from '../driver/index.js';

type Settled<Value> =
  { readonly status: 'fulfilled'; readonly value: Value } | { readonly status: 'rejected'; readonly reason: unknown };

export interface Deadline {
  readonly clock: Clock;
  /** How long the work may take before it is aborted. */
  readonly timeoutMs: number;
  /** How long it may take to settle after the abort. */
  readonly graceMs: number;
  /** Aborts it before its time. */
  readonly signal: AbortSignal | undefined;
}

export interface Outcome<Value> {
  /** `'never'`: aborted, and not settled when its grace was over. */
  readonly settled: Settled<Value> | 'never';
  /** Why it was aborted, if it was. */
  readonly aborted: 'by deadline' | 'by caller' | undefined;
  /** The work itself, for whoever wants to hear of a late end. Never rejects. */
  readonly late: Promise<Settled<Value>>;
}

/**
 * Runs work that may hang. Whatever it does, this settles: at the latest `timeoutMs + graceMs` after the start. It never
 * rejects.
 */
export async function settleWithin<Value>(
  { clock, timeoutMs, graceMs, signal }: Deadline,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Outcome<Value>> {
  const abort = new AbortController();
  const timers = new AbortController();
  let aborted: Outcome<Value>['aborted'];
  let passed: () => void;
  const gracePassed = new Promise<'never'>((resolve) => {
    passed = () => resolve('never');
  });

  const abortWork = (by: NonNullable<Outcome<Value>['aborted']>, reason: unknown): void => {
    if (aborted) return;
    aborted = by;
    abort.abort(reason);
    void afterwards(graceMs, () => passed());
  };
  const afterwards = (durationMs: number, then: () => void): Promise<void> =>
    clock.sleep(durationMs, { signal: timers.signal }).then(then, () => undefined);
  const onCallerAbort = (): void => abortWork('by caller', signal?.reason);

  signal?.addEventListener('abort', onCallerAbort, { once: true });
  const deadlinePassed = (): void =>
    abortWork('by deadline', new DOMException('The deadline has passed.', 'TimeoutError'));
  void afterwards(timeoutMs, deadlinePassed);
  if (signal?.aborted) onCallerAbort();

  const late = settle(() => work(abort.signal));
  try {
    return { settled: await Promise.race([late, gracePassed]), aborted, late };
  } finally {
    timers.abort();
    signal?.removeEventListener('abort', onCallerAbort);
  }
}

/** The end of some work as a value. A synchronous throw is an end like any other. */
async function settle<Value>(work: () => Promise<Value>): Promise<Settled<Value>> {
  try {
    return { status: 'fulfilled', value: await work() };
  } catch (reason) {
    return { status: 'rejected', reason };
  }
}

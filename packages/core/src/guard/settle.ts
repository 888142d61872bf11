import type { Clock } from '../driver/index.js';
import { readableFailure } from './readable-failure.js';

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
  const gracePassed = Promise.withResolvers<'never'>();
  let aborted: Outcome<Value>['aborted'];

  const abortWork = (by: NonNullable<Outcome<Value>['aborted']>, reason: unknown): void => {
    if (aborted) return;
    aborted = by;
    cancelTimer();
    cancelTimer = clock.after(graceMs, () => gracePassed.resolve('never'));
    abort.abort(reason);
  };
  const onCallerAbort = (): void => abortWork('by caller', signal?.reason);
  let cancelTimer = clock.after(timeoutMs, () => {
    abortWork('by deadline', new DOMException('The deadline has passed.', 'TimeoutError'));
  });
  signal?.addEventListener('abort', onCallerAbort, { once: true });
  if (signal?.aborted) onCallerAbort();

  const late = settle(() => work(abort.signal));
  try {
    return { settled: await Promise.race([late, gracePassed.promise]), aborted, late };
  } finally {
    cancelTimer();
    signal?.removeEventListener('abort', onCallerAbort);
  }
}

/** The end of some work as a value. A synchronous throw is an end like any other. What was thrown can be read from here on. */
async function settle<Value>(work: () => Promise<Value>): Promise<Settled<Value>> {
  try {
    return { status: 'fulfilled', value: await work() };
  } catch (reason) {
    return { status: 'rejected', reason: readableFailure(reason) };
  }
}

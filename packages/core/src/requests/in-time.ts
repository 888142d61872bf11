import { ComputeError, isComputeError, type Clock } from '../driver/index.js';
import { operations } from '../model/operation-table.js';
import type { Asked } from './acceptance.js';

/**
 * Has a request accepted within its deadline, which bounds the whole of it: accepting counts. The work gets a signal that is aborted then.
 * @throws ComputeError `DEADLINE_EXCEEDED` with effect `none` when nothing was written in time
 */
export async function inTime<Value>(
  asked: Asked,
  clock: Clock,
  work: (bounded: Asked) => Promise<Value>,
): Promise<Value> {
  const { deadlineMs: timeoutMs, signal } = asked.options ?? {};
  if (timeoutMs === undefined) return await work(asked);
  const late = new AbortController();
  const details = { operation: operations[asked.name].verb, timeoutMs };
  const failure = new ComputeError('DEADLINE_EXCEEDED', details, { effect: 'none' });
  const cancelTimer = clock.after(timeoutMs, () => late.abort(failure));
  const bounds = signal ? AbortSignal.any([signal, late.signal]) : late.signal;
  const bounded = { ...asked, requestedAtMs: clock.now(), options: { ...asked.options, signal: bounds } };
  try {
    return await work(bounded);
  } catch (cause) {
    // A store that was asked to read was given up with the request.
    const isGivenUp = isComputeError(cause, 'STORE_UNAVAILABLE') && cause.effect === 'none';
    throw late.signal.aborted && isGivenUp ? failure : cause;
  } finally {
    cancelTimer();
  }
}

/** The work's end, or the signal's reason when it is aborted before. Only for work that changes nothing: it may go on. */
export async function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (!signal) return await work;
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(abortReasonOf(signal));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function abortReasonOf({ reason }: AbortSignal): ComputeError {
  if (isComputeError(reason)) return reason;
  return new ComputeError('ABORTED', { operation: operations.build.verb }, { cause: reason, effect: 'none' });
}

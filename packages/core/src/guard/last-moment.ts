import type { Clock } from '../driver/index.js';

/** How long a call that is under way when a process closes may go on before it is aborted, in milliseconds. */
const LAST_MS = 10_000;

export interface LastMoment extends Disposable {
  /** Aborted by the caller, or a while after the process closes. */
  readonly signal: AbortSignal | undefined;
}

/** Bounds a call by the end of this process. A call that begins after it is bounded by its deadline. Dispose when the call is over. */
export function lastMoment(
  closing: AbortSignal | undefined,
  caller: AbortSignal | undefined,
  clock: Clock,
): LastMoment {
  if (!closing || closing.aborted) return { signal: caller, [Symbol.dispose]: () => undefined };
  const abort = new AbortController();
  let cancelTimer = (): void => undefined;
  const onCaller = (): void => abort.abort(caller?.reason);
  const onClosing = (): void => {
    cancelTimer = clock.after(LAST_MS, () => abort.abort());
  };
  closing.addEventListener('abort', onClosing, { once: true });
  caller?.addEventListener('abort', onCaller, { once: true });
  if (caller?.aborted) onCaller();
  return {
    signal: abort.signal,
    [Symbol.dispose]: () => {
      cancelTimer();
      closing.removeEventListener('abort', onClosing);
      caller?.removeEventListener('abort', onCaller);
    },
  };
}

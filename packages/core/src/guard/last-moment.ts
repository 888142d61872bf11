import type { Clock } from '../driver/index.js';

/** How long calls may go on when their process closes, in milliseconds: time for one that is nearly done, and for what takes it back. */
const LAST_MS = 10_000;

/**
 * When this process asks nothing more of its driver, its providers and other hosts: a while after it began to close. What is under way then is
 * aborted, and what would begin later is not begun; the next process settles it.
 */
export class LastMoment implements Disposable {
  readonly #over = new AbortController();
  #cancelTimer = (): void => undefined;

  /** `closing` is aborted when the process closes and waits no longer for what runs. */
  constructor(closing: AbortSignal, clock: Clock) {
    const onClosing = (): void => {
      this.#cancelTimer = clock.after(LAST_MS, () => this.#over.abort());
    };
    closing.addEventListener('abort', onClosing, { once: true });
  }

  /** Aborted at the last moment. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Nothing is under way any more. */
  [Symbol.dispose](): void {
    this.#cancelTimer();
  }
}

export interface CallSignal extends Disposable {
  /** Aborted by the caller, or at the last moment of the process. */
  readonly signal: AbortSignal | undefined;
}

/** The signal of one call. Dispose it when the call is over: the process lives longer than a call, and keeps nothing of it. */
export function callSignal(lastMoment: AbortSignal | undefined, caller: AbortSignal | undefined): CallSignal {
  if (!lastMoment || caller?.aborted) return { signal: caller, [Symbol.dispose]: () => undefined };
  const abort = new AbortController();
  const onCaller = (): void => abort.abort(caller?.reason);
  const onLast = (): void => abort.abort(lastMoment.reason);
  caller?.addEventListener('abort', onCaller, { once: true });
  lastMoment.addEventListener('abort', onLast, { once: true });
  if (lastMoment.aborted) onLast();
  return {
    signal: abort.signal,
    [Symbol.dispose]: () => {
      caller?.removeEventListener('abort', onCaller);
      lastMoment.removeEventListener('abort', onLast);
    },
  };
}

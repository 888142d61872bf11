import type { Clock } from './clock.js';

/** Node's timers take no more; a longer wait would become one of 1 ms. */
const TIMER_MS_MAX = 2 ** 31 - 1;

function after(durationMs: number, due: () => void): () => void {
  const timer = setTimeout(due, Math.min(durationMs, TIMER_MS_MAX));
  return () => clearTimeout(timer);
}

/** The machine's own time. A sleeper keeps the process alive: somebody is waiting. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after,
  sleep: (durationMs, { signal } = {}) =>
    new Promise((resolve, reject) => {
      const abort = (): void => {
        cancel();
        reject(signal?.reason as Error);
      };
      const cancel = after(durationMs, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      if (signal?.aborted) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    }),
};

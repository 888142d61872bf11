import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from './driver/index.js';

/** The machine's own time. A sleeper keeps the process alive: somebody is waiting. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: async (durationMs, { signal } = {}) => {
    signal?.throwIfAborted();
    try {
      await delay(durationMs, undefined, { ...(signal && { signal }) });
    } catch (aborted) {
      // Node rejects with an AbortError of its own; a Clock rejects with the signal's reason.
      signal?.throwIfAborted();
      throw aborted;
    }
  },
};

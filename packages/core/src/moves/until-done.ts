import type { Clock } from '../driver/index.js';

/** Waits between the attempts, in milliseconds; the last repeats. */
const retryDelaysMs = [5_000, 30_000, 60_000, 300_000];

/** About a day. What is not done by then is found at a host's next start. */
const ATTEMPT_COUNT_MAX = 300;

export interface Persistence {
  readonly clock: Clock;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  readonly onFailure: (failure: unknown) => void;
}

/** Tries in the background what somebody must do some day, until it is done. Never rejects. */
export async function untilDone(
  { clock, signal, onFailure }: Persistence,
  attempt: () => Promise<void>,
): Promise<void> {
  for (let nth = 0; nth < ATTEMPT_COUNT_MAX && !signal.aborted; nth++) {
    try {
      await attempt();
      return;
    } catch (failure) {
      if (signal.aborted) return;
      onFailure(failure);
    }
    const delayMs = retryDelaysMs[Math.min(nth, retryDelaysMs.length - 1)] ?? 0;
    await clock.sleep(delayMs, { signal }).catch(() => undefined);
  }
}

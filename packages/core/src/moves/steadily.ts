import { isComputeError, type Clock, type DriverLog } from '../driver/index.js';

export interface SteadilyParts {
  readonly clock: Clock;
  readonly log: DriverLog;
}

/** Waits between the attempts, in milliseconds. */
const retryDelaysMs = [1_000, 5_000];

/** Does again what may be repeated, a few times: what brings an instance back is worth more patience than what takes it away. */
export async function steadily<Value>({ clock, log }: SteadilyParts, attempt: () => Promise<Value>): Promise<Value> {
  for (const delayMs of retryDelaysMs) {
    try {
      return await attempt();
    } catch (failure) {
      // Another action holds the instance now.
      if (isComputeError(failure, 'UNEXPECTED_TASK_STATE')) throw failure;
      // Where a later attempt succeeds nobody else tells of this one.
      log.warn({ err: failure }, 'a step of a move failed; trying again');
      await clock.sleep(delayMs);
    }
  }
  return await attempt();
}

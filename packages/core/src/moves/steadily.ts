import { isComputeError, type Clock } from '../driver/index.js';

/** Waits between the attempts, in milliseconds. */
const retryDelaysMs = [1_000, 5_000];

/** Does again what may be repeated, a few times: what brings an instance back is worth more patience than what takes it away. */
export async function steadily<Value>(clock: Clock, attempt: () => Promise<Value>): Promise<Value> {
  for (const delayMs of retryDelaysMs) {
    try {
      return await attempt();
    } catch (failure) {
      // Another action holds the instance now.
      if (isComputeError(failure, 'UNEXPECTED_TASK_STATE')) throw failure;
      await clock.sleep(delayMs);
    }
  }
  return await attempt();
}

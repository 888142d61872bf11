import { isComputeError, type Clock, type DriverLog } from '../driver/index.js';

export interface SteadilyParts {
  readonly clock: Clock;
  readonly log: DriverLog;
}

/** Waits between the attempts, in milliseconds. */
const retryDelaysMs = [1_000, 5_000];

/**
 * Does again what may be repeated, a few times: what brings an instance back is worth more patience than what takes it away. A cancel by
 * `signal` stops none of it. A preemption does: the operation that has preempted the move waits for its end, and sees to both hosts.
 * @throws ComputeError `UNEXPECTED_TASK_STATE` when the move is preempted
 */
export async function steadily<Value>(
  { clock, log }: SteadilyParts,
  attempt: () => Promise<Value>,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Value> {
  for (const delayMs of retryDelaysMs) {
    try {
      return await attempt();
    } catch (failure) {
      // Another action holds the instance now.
      if (isComputeError(failure, 'UNEXPECTED_TASK_STATE')) throw failure;
      throwIfPreempted(signal);
      // Where a later attempt succeeds nobody else tells of this one.
      log.warn({ err: failure }, 'a step of a move failed; trying again');
      await clock.sleep(delayMs, signal && !signal.aborted ? { signal } : {}).catch(() => undefined);
      throwIfPreempted(signal);
    }
  }
  return await attempt();
}

function throwIfPreempted(signal: AbortSignal | undefined): void {
  if (isComputeError(signal?.reason, 'UNEXPECTED_TASK_STATE')) throw signal.reason;
}

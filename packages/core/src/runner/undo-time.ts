import { ComputeError, type Clock } from '../driver/index.js';
import type { InstanceTask } from './instance-task.js';

export interface UndoTime extends Disposable {
  /** Aborted when the time is over. */
  readonly signal: AbortSignal;
}

/**
 * How long a failed operation may look for what is true and take back what it has done: its deadline bounds that too, with `undoMs` of grace.
 * Without a deadline the calls have their own. Dispose when that is done.
 */
export function undoTime({ deadlineAtMs, operation }: InstanceTask, clock: Clock, undoMs: number): UndoTime {
  const over = new AbortController();
  const { signal } = over;
  if (deadlineAtMs === null) return { signal, [Symbol.dispose]: () => undefined };
  const timeoutMs = Math.max(0, deadlineAtMs - clock.now()) + undoMs;
  const failure = new ComputeError('DEADLINE_EXCEEDED', { operation: `the undo of ${operation.verb}`, timeoutMs });
  const cancelTimer = clock.after(timeoutMs, () => over.abort(failure));
  return { signal, [Symbol.dispose]: cancelTimer };
}

import { ComputeError } from '../driver/index.js';
import type { InstanceAction } from '../model/instance-action.js';
import { operations } from '../model/operation-table.js';

/** Why an action that waits is not to be begun any more: nobody wants it, or it would come too late. */
export function refusalToBegin(action: InstanceAction, nowMs: number): ComputeError | undefined {
  const { cancelRequestedAtMs, deadlineAtMs, acceptedAtMs } = action;
  const operation = operations[action.operation].verb;
  if (cancelRequestedAtMs !== null) return new ComputeError('ABORTED', { operation }, { effect: 'none' });
  if (deadlineAtMs === null || deadlineAtMs > nowMs) return undefined;
  const timeoutMs = deadlineAtMs - acceptedAtMs;
  return new ComputeError('DEADLINE_EXCEEDED', { operation, timeoutMs }, { effect: 'none' });
}

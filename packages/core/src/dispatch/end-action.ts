import { isComputeError } from '../driver/index.js';
import { tenantFailureOf } from '../recorders/tenant-failure.js';
import type { ActionEnd, ActionUnit } from '../records/action-unit.js';
import type { Records } from '../records/records.js';

/**
 * Writes what is left to write of an action whose work has settled, in one commit: after a success mostly nothing, after a failure
 * the true state, the fault, the closed step, the cleared task state, the notifications and the action's end.
 */
export async function endAction(unit: ActionUnit, failure: unknown, records: Records): Promise<void> {
  if (unit.ended) {
    await records.flush(unit);
    return;
  }
  const end = endOf(failure);
  try {
    await records.commitEnd(unit, end);
  } catch (refusal) {
    if (!isPreempted(refusal)) {
      unit.confirmEnd(end);
      throw refusal;
    }
    unit.dropInstanceWrites();
    await records.commitEnd(unit, end);
  }
}

/** Whether another action holds the instance by now: what this one would say of it is not true any more. */
function isPreempted(refusal: unknown): boolean {
  return (
    isComputeError(refusal, 'UNEXPECTED_TASK_STATE') ||
    isComputeError(refusal, 'INSTANCE_INVALID_STATE') ||
    isComputeError(refusal, 'INSTANCE_NOT_FOUND')
  );
}

function endOf(failure: unknown): ActionEnd {
  if (failure === undefined) return { state: 'succeeded', failure: null };
  const told = tenantFailureOf(failure);
  if (isComputeError(failure, 'OUTCOME_UNKNOWN')) return { state: 'unknown', failure: told };
  const isCancelled = isComputeError(failure, 'ABORTED') || isComputeError(failure, 'UNEXPECTED_TASK_STATE');
  return { state: isCancelled ? 'cancelled' : 'failed', failure: told };
}

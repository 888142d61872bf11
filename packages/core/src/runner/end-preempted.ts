import { ComputeError, isComputeError } from '../driver/index.js';
import { operations } from '../model/operation-table.js';
import { taskOwnerOf, type RequestContext } from '../model/request-context.js';
import { endPreemptedAction, type EndPreemptedDeps } from './end-preempted-action.js';

/**
 * Ends the actions that an operation has preempted and that do not end by themselves: nobody knows what they still do. Should one of their
 * workers come back, the store refuses what it writes.
 */
export async function endPreempted(instanceUuid: string, by: RequestContext, deps: EndPreemptedDeps): Promise<void> {
  const running = (await deps.records.store.listActions(instanceUuid)).filter(
    ({ uuid, state }) => state === 'running' && uuid !== taskOwnerOf(by),
  );
  for (const action of running) {
    const failure = new ComputeError('OUTCOME_UNKNOWN', { operation: operations[action.operation].verb });
    await unlessEnded(endPreemptedAction(action, { state: 'unknown', failure }, deps));
  }
}

/** It may have ended by itself, or recovery has ended it: then it is in nobody's way. */
async function unlessEnded(ending: Promise<void>): Promise<void> {
  try {
    await ending;
  } catch (failure) {
    if (!isComputeError(failure, 'UNEXPECTED_ACTION_STATE')) throw failure;
  }
}

import { ComputeError, isComputeError } from '../driver/index.js';
import type { InstanceAction } from '../model/instance-action.js';
import { operations } from '../model/operation-table.js';
import { endPreemptedAction } from '../runner/end-preempted-action.js';
import { endQueued, type EndQueuedDeps } from './end-queued.js';

/**
 * Ends a queued action in the place of its host, which is dead: nobody there hears of a cancel or a deadline. An action that another one has
 * preempted ends as `INTERRUPTED`, as it would on its host. One commit, which is refused when the host has come back, so that a returning host
 * does not begin the same action. `false`: the host lives, or the action has left the queue meanwhile.
 */
export async function endForDeadHost(
  action: InstanceAction,
  failure: ComputeError,
  deps: Pick<EndQueuedDeps, 'host' | 'records' | 'clock'>,
): Promise<boolean> {
  const { store } = deps.records;
  const { host, instanceUuid, state, uuid } = action;
  if (state !== 'queued' || host === deps.host) return false;
  const seen = await store.getSession(host);
  if (seen?.lease === 'lasting') return false;
  const instance = await store.getInstance(instanceUuid);
  const inItsPlace = { ...deps, deadHost: { host, epoch: seen?.session.epoch ?? null } };
  try {
    if (instance.taskOwner === uuid) {
      await endQueued(action, instance, failure, inItsPlace);
    } else {
      const preempted = new ComputeError('INTERRUPTED', { operation: operations[action.operation].verb });
      await endPreemptedAction(action, { state: 'cancelled', failure: preempted }, inItsPlace);
    }
    return true;
  } catch (refusal) {
    const isTooLate =
      isComputeError(refusal, 'HOST_TAKEN') ||
      isComputeError(refusal, 'UNEXPECTED_ACTION_STATE') ||
      isComputeError(refusal, 'UNEXPECTED_TASK_STATE');
    if (isTooLate) return false;
    throw refusal;
  }
}

import { isComputeError, type ComputeError } from '../driver/index.js';
import type { InstanceAction } from '../model/instance-action.js';
import { endQueued, type EndQueuedDeps } from './end-queued.js';

/**
 * Ends a queued action in the place of its host, which is dead: nobody there hears of a cancel or a deadline. One commit, which is refused when
 * the host has come back, so that a returning host does not begin the same action. `false`: the host lives, or somebody was quicker.
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
  if (instance.taskOwner !== uuid) return false;
  try {
    await endQueued(action, instance, failure, { ...deps, deadHost: { host, epoch: seen?.session.epoch ?? null } });
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

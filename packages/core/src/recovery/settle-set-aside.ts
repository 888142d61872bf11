import type { Dispatcher } from '../dispatch/dispatcher.js';
import { ComputeError, isComputeError, type GuestInspection } from '../driver/index.js';
import { seenOf } from '../guard/guest-ref.js';
import type { Instance } from '../model/instance.js';
import { markOfGuest } from '../runner/mark-of-guest.js';
import { reconcile } from '../runner/reconciler.js';
import { recoverInstance, type InstanceRecoveryOptions } from './recover-instance.js';
import { settleIdleMove, type MoveSettling } from './settle-move.js';

export interface SetAsideOptions extends InstanceRecoveryOptions, Pick<MoveSettling, 'moves'> {
  readonly dispatcher: Pick<Dispatcher, 'isRunning' | 'isExpected'>;
}

/**
 * Makes the record of an instance that was set aside say what is true, now that the driver tells it. Rejects while something is done to it, by
 * whomever: then it is looked at again. `release` lets what is done again not be refused for this.
 */
export async function settleSetAside(
  instanceUuid: string,
  guest: GuestInspection,
  release: () => void,
  options: SetAsideOptions,
): Promise<void> {
  const { records, moves } = options;
  const instance = await records.store.getInstance(instanceUuid);
  if (instance.taskState === null) {
    if (await settleIdleMove(instance, options)) return;
    const mark = await markOfGuest(instance, options);
    const marked = mark === undefined ? instance : { ...instance, generation: mark };
    await reconcile(options, marked, seenOf(marked, guest));
    return;
  }
  await moves.inTurn(instanceUuid, async () => {
    const latest = await records.store.getInstance(instanceUuid);
    await refuseAtWork(latest, options);
    release();
    await recoverInstance(latest, options);
  });
}

/** Nobody has been interrupted who is at work, here or on the host that leads a move. @throws ComputeError `UNEXPECTED_TASK_STATE` */
async function refuseAtWork(
  { uuid: instanceUuid, taskState, taskOwner }: Instance,
  { records, host, dispatcher }: SetAsideOptions,
): Promise<void> {
  const busy = new ComputeError('UNEXPECTED_TASK_STATE', {
    instanceUuid,
    expected: ['none that somebody works at'],
    actual: String(taskState),
  });
  if (taskState === null || taskOwner === null) throw busy;
  try {
    const action = await records.store.getAction(taskOwner);
    const isHere = dispatcher.isRunning(action.uuid) || dispatcher.isExpected(action.uuid);
    if (isHere || action.host !== host) throw busy;
  } catch (failure) {
    // A direct call is no action; one of this host has left its lane.
    if (!isComputeError(failure, 'ACTION_NOT_FOUND')) throw failure;
  }
}

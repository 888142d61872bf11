import { ComputeError } from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import { operations } from '../model/operation-table.js';
import type { MoveKeeper } from '../moves/move-keeper.js';
import { endInterrupted } from './end-interrupted.js';
import type { InstanceRecovery, InstanceRecoveryOptions, Interrupted } from './recover-instance.js';

export interface MoveSettling extends Pick<InstanceRecoveryOptions, 'records' | 'clock' | 'host'> {
  readonly moves: MoveKeeper;
}

/**
 * Ends the move that an instance was on when its process died: finished where the guest is, or back where it was. Rejects while an end does
 * not answer; the instance is then set aside. `undefined`: nothing was asked of anybody yet.
 */
export async function settleMove(
  interrupted: Interrupted,
  settling: MoveSettling,
): Promise<InstanceRecovery | undefined> {
  const { name, instance, action } = interrupted;
  const settled = await settling.moves.settle(instance, action?.uuid ?? null);
  if (!settled) return undefined;
  const { end, vmState, powerState, patch, writes } = settled;
  const isDone = end !== 'returned';
  const failure = new ComputeError('INTERRUPTED', { operation: operations[name].verb });
  const outcome = isDone ? ({ state: 'succeeded', result: null } as const) : ({ state: 'failed', failure } as const);
  await endInterrupted(interrupted, { outcome, patch: { ...patch, vmState, powerState }, writes }, settling);
  return isDone ? 'finished' : 'given-up';
}

/** The same for an instance whose action has ended without anybody knowing where its guest is. `false`: it is on no such move. */
export async function settleIdleMove(instance: Instance, { moves, records }: MoveSettling): Promise<boolean> {
  return await moves.inTurn(instance.uuid, async () => {
    const before = await records.store.getInstance(instance.uuid);
    const settled = await moves.settle(before, null);
    if (!settled) return false;
    const { end, vmState, powerState, patch, writes } = settled;
    const whole = { ...patch, vmState, powerState };
    const guard = { taskState: [null], vmState: [before.vmState] };
    const update = { write: 'update-instance' as const, uuid: instance.uuid, patch: whole, guard };
    await records.commit([...(end === 'moved on' ? [] : [update]), ...writes]);
    return true;
  });
}

import { ComputeError } from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import { operations } from '../model/operation-table.js';
import type { MoveKeeper } from '../moves/move-keeper.js';
import { faultOf } from '../recorders/fault-recorder.js';
import { tenantFailureOf } from '../recorders/tenant-failure.js';
import { lifecycleNotification } from '../runner/lifecycle-notification.js';
import { endOf, type InstanceRecovery, type InstanceRecoveryOptions, type Interrupted } from './recover-instance.js';

export interface MoveSettling extends Pick<InstanceRecoveryOptions, 'records' | 'clock' | 'host'> {
  readonly moves: MoveKeeper;
}

/**
 * Ends the move that an instance was on when its process died: finished where the guest is, or back where it was. Rejects while an end does
 * not answer; the instance is then set aside. `undefined`: nothing was asked of anybody yet.
 */
export async function settleMove(
  { name, instance, action, context }: Interrupted,
  { moves, records, clock, host }: MoveSettling,
): Promise<InstanceRecovery | undefined> {
  const settled = await moves.settle(instance, action?.uuid ?? null);
  if (!settled) return undefined;
  const operation = operations[name];
  const { end, vmState, powerState, patch, writes } = settled;
  const whole = { ...patch, vmState, powerState, taskState: null, taskOwner: null };
  const now = { ...instance, ...whole };
  const update = {
    write: 'update-instance' as const,
    uuid: instance.uuid,
    patch: whole,
    guard: { taskOwner: instance.taskOwner },
  };
  if (end !== 'returned') {
    await records.commit([
      update,
      ...writes,
      lifecycleNotification({ operation, phase: 'end', instance: now, context, host, clock }),
      ...endOf(action, { state: 'succeeded', failure: null }, clock),
    ]);
    return 'finished';
  }
  const failure = new ComputeError('INTERRUPTED', { operation: operation.verb });
  await records.commit([
    update,
    ...writes,
    { write: 'put-fault', fault: faultOf({ instance, context, failure, host, occurredAtMs: clock.now() }) },
    lifecycleNotification({ operation, phase: 'error', instance: now, context, host, clock, failure }),
    ...endOf(action, { state: 'failed', failure: tenantFailureOf(failure) }, clock),
  ]);
  return 'given-up';
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

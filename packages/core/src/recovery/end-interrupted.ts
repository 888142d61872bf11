import { operations } from '../model/operation-table.js';
import type { InstancePatch } from '../model/instance.js';
import { endOfAction, type Outcome } from '../recorders/end-of-action.js';
import type { StoreWrite } from '../store/store-write.js';
import type { InstanceRecoveryOptions, Interrupted } from './recover-instance.js';

export interface InterruptedEnd {
  readonly outcome: Outcome;
  /** What is true of the instance, beside that nothing is being done to it any more. */
  readonly patch: InstancePatch;
  /** Records that end with the operation. */
  readonly writes?: readonly StoreWrite[];
}

/** Writes the end of an operation that was cut off and still holds its instance. One commit. */
export async function endInterrupted(
  { name, instance, action, context, openSteps }: Interrupted,
  { outcome, patch: found, writes = [] }: InterruptedEnd,
  { records, clock, host }: Pick<InstanceRecoveryOptions, 'records' | 'clock' | 'host'>,
): Promise<void> {
  const { uuid, taskOwner } = instance;
  const patch = { ...found, taskState: null, taskOwner: null };
  const events = await records.store.listEvents(taskOwner ?? '');
  const end = endOfAction({
    operation: operations[name],
    action,
    context,
    openSteps,
    outcome,
    instance: { ...instance, ...patch },
    writes: [{ write: 'update-instance', uuid, patch, guard: { taskOwner } }, ...writes],
    openEvents: events.filter(({ finishedAtMs }) => finishedAtMs === null),
    host,
    nowMs: clock.now(),
  });
  await records.commit(end.writes);
}

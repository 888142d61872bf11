import type { Clock, ComputeError } from '../driver/index.js';
import type { InstanceAction } from '../model/instance-action.js';
import type { Instance } from '../model/instance.js';
import { operations } from '../model/operation-table.js';
import { contextOfAction } from '../model/request-context.js';
import { endOfAction, outcomeOfFailure } from '../recorders/end-of-action.js';
import type { Records } from '../records/records.js';
import { stepsListed } from '../runner/settle-steps.js';

export interface EndQueuedDeps {
  readonly host: string;
  readonly records: Records;
  readonly clock: Clock;
  /** Where the action's host is another that is dead: its last session. `null`: it never had one. */
  readonly deadHost?: { readonly host: string; readonly epoch: number | null };
}

/**
 * Ends an action that holds its instance and was never begun, in one commit: its end, the fault, and the end of its hold. Nothing was done
 * to the guest, so that the vm state is what it was; what was to be built never will be. Steps of what it has preempted are listed.
 */
export async function endQueued(
  action: InstanceAction,
  instance: Instance,
  failure: ComputeError,
  { host, records, clock, deadHost }: EndQueuedDeps,
): Promise<void> {
  const isToBuild = instance.vmState === 'building';
  const operation = operations[action.operation];
  const preempts = operation.overTaskStates === 'any';
  const patch = {
    taskState: null,
    taskOwner: null,
    ...(isToBuild && { vmState: 'error' as const }),
    ...(preempts && stepsListed(instance, clock.now())),
  };
  const end = endOfAction({
    operation,
    action: { ...action, state: 'queued' },
    context: contextOfAction(action),
    outcome: outcomeOfFailure(failure),
    instance: { ...instance, ...patch },
    writes: [{ write: 'update-instance', uuid: instance.uuid, patch, guard: { taskOwner: action.uuid } }],
    openEvents: [],
    host,
    nowMs: clock.now(),
  });
  await records.commit([...(deadHost ? [{ write: 'require-no-session', ...deadHost } as const] : []), ...end.writes]);
}

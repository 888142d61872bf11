import { stepName } from '@virtkit/decorators';
import type { InstanceAction, InstanceActionEvent } from '../model/instance-action.js';
import type { Instance } from '../model/instance.js';
import { newRecordUuid } from '../model/new-record-uuid.js';
import { operations } from '../model/operation-table.js';
import type { RequestContext } from '../model/request-context.js';
import { lifecycleNotification } from '../recorders/lifecycle-notification.js';
import type { StoreWrite } from '../store/store-write.js';

export interface BegunAtOnce {
  /** The action as it runs. */
  readonly action: InstanceAction;
  /** The event of its method, open. */
  readonly event: InstanceActionEvent;
  /** What tells of the start, to be committed with the action and the hold. */
  readonly writes: readonly StoreWrite[];
}

/**
 * A request that its own process carries out at once: the commit that accepts it is the one that begins it, and nothing is left to write
 * before the work. `instance` is held by it already.
 */
export function begunAtOnce(
  queued: InstanceAction,
  {
    epoch,
    instance,
    context,
  }: { readonly epoch: number; readonly instance: Instance; readonly context: RequestContext },
): BegunAtOnce {
  const { uuid: actionUuid, instanceUuid, host, acceptedAtMs: nowMs } = queued;
  const operation = operations[queued.operation];
  const event: InstanceActionEvent = {
    id: newRecordUuid(),
    actionUuid,
    instanceUuid,
    name: stepName('compute', operation.method),
    startedAtMs: nowMs,
    finishedAtMs: null,
    result: null,
    failure: null,
    operator: { host, traceback: null },
  };
  const action = { ...queued, state: 'running' as const, epoch, startedAtMs: nowMs };
  const notice = lifecycleNotification({ operation, phase: 'start', instance, context, host, nowMs });
  return { action, event, writes: [{ write: 'create-action', action }, { write: 'put-event', event }, notice] };
}

import { ComputeError } from '../driver/index.js';
import type { InstanceAction } from '../model/instance-action.js';
import type { Instance } from '../model/instance.js';
import type { SessionSeen } from './compute-store.js';
import type { ActionGuard, InstanceGuard } from './store-write.js';

/** @throws ComputeError `UNEXPECTED_TASK_STATE`, `INSTANCE_INVALID_STATE` */
export function checkInstanceGuard(
  instance: Instance,
  { taskState, taskOwner, vmState, host, locked }: InstanceGuard,
): void {
  const instanceUuid = instance.uuid;
  const stateHolds = taskState === undefined || taskState.includes(instance.taskState);
  const ownerHolds = taskOwner === undefined || taskOwner === instance.taskOwner;
  const hostHolds = host === undefined || host === instance.host;
  if (!stateHolds || !ownerHolds || !hostHolds) {
    throw new ComputeError('UNEXPECTED_TASK_STATE', {
      instanceUuid,
      expected: (taskState ?? [instance.taskState]).map((state) => state ?? 'none'),
      actual: stateHolds ? `${instance.taskState ?? 'none'}, held by another action` : (instance.taskState ?? 'none'),
    });
  }
  if (locked !== undefined && !locked.includes(instance.locked)) {
    throw new ComputeError('INSTANCE_LOCKED', { instanceUuid, operation: 'change' });
  }
  if (vmState !== undefined && !vmState.includes(instance.vmState)) {
    throw new ComputeError('INSTANCE_INVALID_STATE', {
      instanceUuid,
      operation: 'change',
      attribute: 'vm state',
      actual: instance.vmState,
      accepted: vmState,
    });
  }
}

/** @throws ComputeError `UNEXPECTED_ACTION_STATE` */
export function checkActionGuard(action: InstanceAction, { state, epoch }: ActionGuard): void {
  const stateHolds = state === undefined || state.includes(action.state);
  const epochHolds = epoch === undefined || epoch === action.epoch;
  if (stateHolds && epochHolds) return;
  throw new ComputeError('UNEXPECTED_ACTION_STATE', {
    actionUuid: action.uuid,
    expected: state ?? [action.state],
    actual: stateHolds ? `${action.state}, of another worker` : action.state,
  });
}

/**
 * Whether nobody looks after a host, and nobody has since the session of an epoch; `null`: since never.
 * @throws ComputeError `HOST_TAKEN`
 */
export function checkNoSession(seen: SessionSeen | undefined, epoch: number | null, nowMs: number): void {
  if ((seen?.session.epoch ?? null) === epoch && seen?.lease !== 'lasting') return;
  throw new ComputeError('HOST_TAKEN', { retryAfterMs: Math.max(0, (seen?.session.leaseUntilMs ?? 0) - nowMs) });
}

import { ComputeError } from '../driver/index.js';
import type { GuardedDriver } from '../guard/guarded-driver.js';
import type { Instance } from '../model/instance.js';
import type { Operation } from '../model/operation-table.js';
import type { RequestContext } from '../model/request-context.js';
import type { InstanceGuard } from '../store/store-write.js';

/**
 * Whether a request may begin, asked before anything is written: does the driver do it, may the caller, does the instance's state
 * allow it? Other people's instances do not exist.
 * @throws ComputeError `NOT_SUPPORTED`, `INSTANCE_NOT_FOUND`, `INSTANCE_LOCKED`, `INSTANCE_INVALID_STATE`
 */
export function checkGate(
  operation: Operation,
  context: RequestContext,
  instance: Instance,
  driver: GuardedDriver,
): void {
  checkVisible(context, instance);
  if (operation.capability) driver.with(operation.capability);
  const { uuid: instanceUuid, locked, vmState, taskState } = instance;
  if (locked !== 'unlocked' && context.role === 'tenant') {
    throw new ComputeError('INSTANCE_LOCKED', { instanceUuid, operation: operation.verb });
  }
  const refuse = (attribute: 'vm state' | 'task state', actual: string, accepted: readonly string[]): never => {
    throw new ComputeError('INSTANCE_INVALID_STATE', {
      instanceUuid,
      operation: operation.verb,
      attribute,
      actual,
      accepted,
    });
  };
  if (!operation.vmStates.includes(vmState)) refuse('vm state', vmState, operation.vmStates);
  if (operation.overTaskStates === 'any' || taskState === null) return;
  if (!operation.overTaskStates.includes(taskState))
    refuse('task state', taskState, ['none', ...operation.overTaskStates]);
}

/** The same conditions for the store, where nobody can come between the check and the write. */
export function gateGuard({ vmStates, overTaskStates }: Operation): InstanceGuard {
  return overTaskStates === 'any' ? { vmState: vmStates } : { vmState: vmStates, taskState: [null, ...overTaskStates] };
}

/** @throws ComputeError `INSTANCE_NOT_FOUND` for an instance of another project, and for a deleted one */
export function checkVisible(context: RequestContext, { uuid, projectId, vmState }: Instance): void {
  if (context.role === 'tenant' && (context.projectId !== projectId || vmState === 'deleted')) {
    throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid: uuid });
  }
}

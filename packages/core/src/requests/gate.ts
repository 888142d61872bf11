import { ComputeError } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { Instance } from '../model/instance.js';
import type { Operation } from '../model/operations/operation.js';
import type { RequestContext } from '../model/request-context.js';
import { taskStatesOver } from '../runner/start-guard.js';
import { accessPolicy } from './access-policy.js';

/**
 * Whether a request may begin, asked before anything is written: does the driver do it, may the caller, does the instance's state
 * allow it? Other people's instances do not exist.
 * @throws ComputeError `NOT_SUPPORTED`, `INSTANCE_NOT_FOUND`, `FORBIDDEN`, `INSTANCE_LOCKED`, `INSTANCE_INVALID_STATE`
 */
export function checkGate(
  operation: Operation,
  context: RequestContext,
  instance: Instance,
  driver: GuestDriver,
): void {
  accessPolicy.check(context, operation, instance);
  if (operation.capability) driver.with(operation.capability);
  const { uuid: instanceUuid, vmState, taskState } = instance;
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
  if (taskState === null) return;
  const startsOver = taskStatesOver(operation);
  if (!startsOver.includes(taskState)) refuse('task state', taskState, ['none', ...startsOver]);
}

/**
 * Whether a guest may be looked at that is asked for nothing else: it is on a host, and neither leaves it nor goes away.
 * @throws ComputeError `INSTANCE_INVALID_STATE`
 */
export function checkReachable({ uuid: instanceUuid, host, vmState, taskState }: Instance, operation: string): void {
  const refuse = (attribute: 'vm state' | 'task state', actual: string, accepted: readonly string[]): never => {
    throw new ComputeError('INSTANCE_INVALID_STATE', { instanceUuid, operation, attribute, actual, accepted });
  };
  if (host === null || vmState === 'deleted') refuse('vm state', vmState, ['any of an instance that is on a host']);
  if (taskState === 'deleting' || taskState === 'migrating') {
    refuse('task state', taskState, ['any but deleting and migrating']);
  }
}

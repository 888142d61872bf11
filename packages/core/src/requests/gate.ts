import { ComputeError, type CallOptions } from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import type { Operation } from '../model/operations/operation.js';
import { taskStatesOver } from '../runner/start-guard.js';
import type { TargetHost } from './hosts.js';

/**
 * Whether a request may begin, asked before anything is written: does the driver of the host do it, and does the instance's state allow it?
 * @throws ComputeError `NOT_SUPPORTED`, `INSTANCE_INVALID_STATE`, `HOST_UNAVAILABLE`
 */
export async function checkGate(
  operation: Operation,
  instance: Instance,
  target: TargetHost,
  options: CallOptions,
): Promise<void> {
  if (operation.capability) await target.require(operation.capability, options);
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

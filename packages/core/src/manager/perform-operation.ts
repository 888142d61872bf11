import type { PowerOffOptions } from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import type { OperationName } from '../model/operation-table.js';
import type { RequestContext } from '../model/request-context.js';
import type { ComputeManager } from './compute-manager.js';

/** Calls the manager's method for an operation of the table. `gracePeriodMs` and its like concern `stop` alone. */
export function performOperation(
  manager: ComputeManager,
  name: OperationName,
  context: RequestContext,
  instance: Instance,
  options: PowerOffOptions,
): Promise<Instance> {
  switch (name) {
    case 'build':
      return manager.buildAndRunInstance(context, instance, options);
    case 'terminate':
      return manager.terminateInstance(context, instance, options);
    case 'start':
      return manager.startInstance(context, instance, options);
    case 'stop':
      return manager.stopInstance(context, instance, options);
    case 'softReboot':
      return manager.rebootInstance(context, instance, 'SOFT', options);
    case 'hardReboot':
      return manager.rebootInstance(context, instance, 'HARD', options);
    case 'pause':
      return manager.pauseInstance(context, instance, options);
    case 'unpause':
      return manager.unpauseInstance(context, instance, options);
    case 'suspend':
      return manager.suspendInstance(context, instance, options);
    case 'resume':
      return manager.resumeInstance(context, instance, options);
  }
}

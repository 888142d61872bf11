import {
  ComputeError,
  type CallOptions,
  type PowerOffOptions,
  type QuiesceOptions,
  type Secret,
} from '../driver/index.js';
import type { ActionParameters } from '../model/instance-action.js';
import type { Instance } from '../model/instance.js';
import type { OperationName } from '../model/operation-table.js';
import type { RequestContext } from '../model/request-context.js';
import type { ComputeManager } from './compute-manager.js';

/** What an action was accepted with and is in no record, because nobody but the driver may know it. */
export interface ActionSecrets {
  readonly password?: Secret;
}

export interface PerformOptions extends CallOptions {
  readonly secrets?: ActionSecrets;
}

type Performer = (
  manager: ComputeManager,
  context: RequestContext,
  instance: Instance,
  parameters: ActionParameters,
  options: PerformOptions,
) => Promise<Instance>;

/** The manager's method for each operation. Parameters were checked when the request was accepted. */
const performers: Readonly<Record<OperationName, Performer>> = {
  build: (manager, context, instance, _, options) => manager.buildAndRunInstance(context, instance, options),
  terminate: (manager, context, instance, _, options) => manager.terminateInstance(context, instance, options),
  start: (manager, context, instance, _, options) => manager.startInstance(context, instance, options),
  stop: (manager, context, instance, parameters, options) =>
    manager.stopInstance(context, instance, { ...(parameters as PowerOffOptions), ...options }),
  softReboot: (manager, context, instance, _, options) => manager.rebootInstance(context, instance, 'SOFT', options),
  hardReboot: (manager, context, instance, _, options) => manager.rebootInstance(context, instance, 'HARD', options),
  pause: (manager, context, instance, _, options) => manager.pauseInstance(context, instance, options),
  unpause: (manager, context, instance, _, options) => manager.unpauseInstance(context, instance, options),
  suspend: (manager, context, instance, _, options) => manager.suspendInstance(context, instance, options),
  resume: (manager, context, instance, _, options) => manager.resumeInstance(context, instance, options),
  setAdminPassword: (manager, context, instance, _, { secrets, ...options }) =>
    manager.guest.setAdminPassword(context, instance, secrets?.password ?? forgotten(), options),
  triggerCrashDump: (manager, context, instance, _, options) =>
    manager.guest.triggerCrashDump(context, instance, options),
  quiesce: (manager, context, instance, parameters, options) =>
    manager.guest.quiesceInstance(context, instance, { ...(parameters as QuiesceOptions), ...options }),
  unquiesce: (manager, context, instance, _, options) => manager.guest.unquiesceInstance(context, instance, options),
} as Record<OperationName, Performer>;

/** A secret lives as long as the process that was given it. */
function forgotten(): never {
  throw new ComputeError('INTERRUPTED', { operation: 'set the password' });
}

/** Calls the manager's method for an operation of the table. */
export function performOperation(
  manager: ComputeManager,
  name: OperationName,
  context: RequestContext,
  instance: Instance,
  parameters: ActionParameters,
  options: PerformOptions,
): Promise<Instance> {
  return performers[name](manager, context, instance, parameters, options);
}

/**
 * All that the author of a store needs. Start with {@link ComputeStore}.
 *
 * @packageDocumentation
 */
export type { CommittedInstances, ComputeStore, InstanceQuery, NotificationQuery } from './compute-store.js';
export type { InstanceGuard, StoreWrite } from './store-write.js';

export { instanceFromFields, newInstance, nextInstance } from '../model/instance.js';
export type { Instance, InstanceFields, InstancePatch, NewInstance } from '../model/instance.js';
export type { ActionState, InstanceAction, InstanceActionEvent } from '../model/instance-action.js';
export type { InstanceFault, OperatorFailure, OperatorFaultDetails } from '../model/instance-fault.js';
export type {
  NewNotification,
  Notification,
  NotificationOperatorPart,
  NotificationPayload,
} from '../model/notification.js';
export { taskStates } from '../model/task-state.js';
export type { TaskState } from '../model/task-state.js';
export { vmStates } from '../model/vm-state.js';
export type { VmState } from '../model/vm-state.js';
export { ComputeError, isComputeError } from '../driver/index.js';
export type { CallOptions, ComputeErrorCode, TenantFailure } from '../driver/index.js';

/**
 * An embeddable compute manager: Nova's instance operations inside a Node.js service, on a hypervisor driver of your choice.
 * Start with {@link createCompute}. Authors of drivers import `@virtkit/core/driver`, authors of stores `@virtkit/core/store`.
 *
 * @packageDocumentation
 */

// For those who embed the manager.
export { createCompute, computeContainer } from './composition/create-compute.js';
export { Compute } from './composition/compute.js';
export type { ComputeConfiguration, ComputeOptions, SessionConfiguration } from './composition/compute-options.js';
export type { DriverChoice } from './composition/choose-driver.js';
export { computeLog, silentLog } from './composition/compute-log.js';
export type { ComputeLogOptions } from './composition/compute-log.js';
export { driverModule } from './composition/driver-module.js';
export { tokens } from './composition/tokens.js';

export { ComputeApi } from './api/compute-api.js';
export type { StopOptions } from './api/compute-api.js';
export type { AcceptedAction } from './api/acceptance.js';
export type { RequestOptions } from './api/request-options.js';
export type { CreateRequest } from './api/create-request.js';
export { OperatorApi } from './api/operator-api.js';
export { ComputeManager } from './manager/compute-manager.js';
export { ComputeEvents } from './compute-events.js';
export type { ComputeEventMap } from './compute-events.js';
export { MemoryStore } from './memory-store/memory-store.js';
export type { RecoverySummary } from './recovery/recover-host.js';

// The records and their words.
export { requestContext } from './model/request-context.js';
export type { RequestContext, RequestContextFields } from './model/request-context.js';
export type { Instance } from './model/instance.js';
export type { TenantInstance } from './model/tenant-instance.js';
export type {
  ActionProgress,
  ActionResult,
  ActionState,
  InstanceAction,
  InstanceActionEvent,
  TenantAction,
} from './model/instance-action.js';
export type { InstanceFault, OperatorFailure, TenantFault } from './model/instance-fault.js';
export type { Notification, NotificationPayload } from './model/notification.js';
export { operations } from './model/operation-table.js';
export type { OperationName } from './model/operation-table.js';
export type { Goal, Operation, RecoveryPolicy } from './model/operations/operation.js';
export type { HostSession } from './model/host-session.js';
export type { Migration } from './model/migration.js';
export type { TaskState } from './model/task-state.js';
export type { VmState } from './model/vm-state.js';
export type { ComputeStore, InstanceQuery, NotificationQuery } from './store/compute-store.js';

// Errors, and what drivers share with those who embed them.
export {
  ComputeError,
  computeErrors,
  isComputeError,
  operatorFactsOf,
  Secret,
  suppressedFailuresOf,
  systemClock,
} from './driver/index.js';
export type {
  Clock,
  ComputeErrorCode,
  DriverDefinition,
  DriverLog,
  ExternalEvent,
  Flavor,
  GuestInspection,
  Image,
  NetworkInterface,
  PowerState,
  RebootType,
  TenantFailure,
} from './driver/index.js';

/**
 * All that the author of a store needs. Start with {@link ComputeStore}; prove the store with `@virtkit/driver-testkit/store`.
 *
 * @packageDocumentation
 */
export type {
  CommittedInstances,
  ComputeStore,
  DamagedRecord,
  IdempotencyKey,
  InstanceQuery,
  MigrationQuery,
  NotificationQuery,
  SessionRequest,
  SessionSeen,
} from './compute-store.js';
export { checkActionGuard, checkInstanceGuard, checkNoSession } from './check-guard.js';
export { checkStoreCall } from './check-store-call.js';
export type { StoreCall } from './check-store-call.js';
export type { ActionGuard, InstanceGuard, StoreWrite } from './store-write.js';

export { consoleTypes } from '../model/console-token.js';
export type { ConsoleToken, ConsoleType } from '../model/console-token.js';
export { hostModes } from '../model/host-record.js';
export type { HostMode, HostRecord } from '../model/host-record.js';
export type { HostSession } from '../model/host-session.js';
export { instanceFromFields, newInstance, nextInstance } from '../model/instance.js';
export type { Instance, InstanceFields, InstancePatch, NewInstance } from '../model/instance.js';
export type { ActionStep } from '../model/action-step.js';
export type { PendingRelease } from '../model/pending-release.js';
export { actionStates, isFinished } from '../model/instance-action.js';
export type {
  ActionParameters,
  ActionPatch,
  ActionProgress,
  ActionResult,
  ActionState,
  InstanceAction,
  InstanceActionEvent,
  PlainValue,
} from '../model/instance-action.js';
export type { InstanceFault, OperatorFailure, OperatorFaultDetails } from '../model/instance-fault.js';
export { migrationFromFields, migrationKinds, migrationStatuses } from '../model/migration.js';
export type { Migration, MigrationFields, MigrationKind, MigrationStatus } from '../model/migration.js';
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
export { addOperatorFacts, checkedValue, ComputeError, forOperator, isComputeError } from '../driver/index.js';
export type {
  CallOptions,
  ComputeErrorCode,
  RecordKind,
  ConfigurationSchema,
  SchemaIssue,
  SchemaResult,
  TenantFailure,
} from '../driver/index.js';

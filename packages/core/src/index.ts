/**
 * An embeddable compute manager: Nova's instance operations inside a Node.js service, on a hypervisor driver of your choice.
 * Start with {@link createCompute}. Authors of drivers import `@virtkit/core/driver`, authors of stores `@virtkit/core/store`.
 *
 * @packageDocumentation
 */

// For those who embed the manager.
export {
  createCompute,
  createComputeHost,
  createComputeService,
  computeContainer,
} from './composition/create-compute.js';
export { Compute } from './composition/compute.js';
export { ComputeHost } from './composition/compute-host.js';
export { ComputeService } from './api/compute-service.js';
export type { ComputeConfiguration, ComputeOptions } from './composition/compute-options.js';
export type {
  ComputeHostOptions,
  DriverOptions,
  HostConfiguration,
  SessionConfiguration,
} from './composition/host-options.js';
export type {
  AccessConfiguration,
  ComputeServiceOptions,
  ServiceConfiguration,
} from './composition/service-options.js';
export type { ProviderTimeouts, SharedOptions } from './composition/shared-options.js';
export type { PlacementEnvironment, PlacementFactory } from './composition/assemble-requests.js';
export { rolePolicy } from './requests/access-policy.js';
export type { AccessPolicy, AccessSubject, Right } from './requests/access-policy.js';
export type { DriverChoice } from './composition/choose-driver.js';
export { computeLog, silentLog } from './composition/compute-log.js';
export type { ComputeLogOptions } from './composition/compute-log.js';
export type { DriverFactory } from './composition/driver-factory.js';
export { driverModule } from './composition/driver-module.js';
export { tokens } from './composition/tokens.js';

export { ComputeApi } from './api/compute-api.js';
export type { StopOptions } from './api/compute-api.js';
export type { ListOptions } from './api/list-options.js';
export { CallerApi } from './api/caller-api.js';
export type { CallerActions, CallerConsoles, CallerInstances, RebootOptions } from './api/caller-api.js';
export { ActionFailedError, ActionHandle } from './api/action-handle.js';
export type { ForCaller } from './api/for-caller.js';
export { Listing } from './api/listing.js';
export type { AcceptedAction } from './requests/acceptance.js';
export type { RequestOptions } from './requests/request-options.js';
export type { CreateRequest } from './api/create-request.js';
export { ConsolesApi } from './api/consoles-api.js';
export { GuestApi } from './api/guest-api.js';
export { InterfacesApi } from './api/interfaces-api.js';
export type { AttachInterfaceRequest } from './api/interfaces-api.js';
export { VolumesApi } from './api/volumes-api.js';
export type { AttachVolumeRequest } from './api/volumes-api.js';
export { ImagesApi } from './api/images-api.js';
export type { BackupRequest, ShelveRequest, SnapshotRequest } from './api/images-api.js';
export type { LockRequest } from './api/instance-lock.js';
export { MovesApi } from './api/moves-api.js';
export type { EvacuateOptions, LiveMigrateRequest, MigrateRequest, ResizeRequest } from './api/moves-api.js';
export { InProcessPeers } from './peers/in-process-peers.js';
export type { HostMember, HostPeers, MoveLeader } from './peers/host-peers.js';
export type * from './peers/host-calls.js';
export type { Placement, PlacementRequest, WantedInstance } from './requests/placement.js';
export { SpreadPlacement } from './requests/spread-placement.js';
export type * from './peers/host-peer.js';
export type { AllocationRatios, ClaimsConfiguration } from './claims/claims-configuration.js';
export type { Footprint } from './model/footprint.js';
export type { HostUsage } from './claims/resource-claims.js';
export { OperatorApi } from './api/operator-api.js';
export { OperatorConsoles } from './api/operator-consoles.js';
export { RepairApi } from './api/repair-api.js';
export type { RebuildRequest, RescueRequest } from './api/repair-api.js';
export { ComputeManager } from './manager/compute-manager.js';
export type {
  BuildOptions,
  PowerOrigin,
  StartInstanceOptions,
  StopInstanceOptions,
} from './manager/compute-manager.js';
export type { BuildWish } from './manager/belongings.js';
export { ConsoleOperations } from './manager/console-operations.js';
export type { ExternalEventOutcome } from './model/external-event-outcome.js';
export { GuestOperations } from './manager/guest-operations.js';
export { InterfaceOperations } from './manager/interface-operations.js';
export { VolumeOperations } from './manager/volume-operations.js';
export type { VolumeExtension, VolumeSnapshot, VolumeSwap } from './manager/volume-operations.js';
export type { VolumeWish } from './manager/volume-steps.js';
export { ImageOperations } from './manager/image-operations.js';
export type { BackupInstanceOptions, SnapshotInstanceOptions } from './manager/image-operations.js';
export { LifecycleOperations } from './manager/lifecycle-operations.js';
export { RepairOperations } from './manager/repair-operations.js';
export type { RescueInstanceOptions } from './manager/repair-operations.js';
export { ComputeEvents } from './model/compute-events.js';
export type { ComputeEventMap } from './model/compute-events.js';
export { MemoryStore } from './memory-store/memory-store.js';
export type { PowerStateDeviation, UnknownGuest } from './model/deviation.js';
export type { DrainReport } from './host-life/host-life.js';
export type { BusyInstance, HostHealth, ProviderAuditResult, TaskHealth } from './model/host-health.js';
export type { HostMode } from './model/host-record.js';
export { HostOperator } from './api/host-operator.js';
export type { HostOptions, HostPowerAction } from './api/host-operator.js';
export type { HostLifeConfiguration, PeriodicTaskName } from './host-life/life-configuration.js';
export type { PowerStatePolicy } from './host-life/power-state-policy-schema.js';
export type { PowerStateReaction, PowerStateTable } from './model/power-state-policy.js';
export type { RecoverySummary } from './recovery/recover-host.js';

// The records and their words.
export { requestContext } from './model/request-context.js';
export type { RequestContext, RequestContextFields } from './model/request-context.js';
export type { Instance } from './model/instance.js';
export type { InstanceBlockDevice } from './model/instance-block-device.js';
export type { ConsoleAccess, ConsoleGrant, ConsoleToken, ConsoleType } from './model/console-token.js';
export type { TenantInstance } from './model/tenant-instance.js';
export type {
  ActionProgress,
  ActionResult,
  ActionState,
  InstanceAction,
  InstanceActionEvent,
  TenantAction,
} from './model/instance-action.js';
export { imageToMake } from './model/image-to-make.js';
export type { ImageToMake } from './model/image-to-make.js';
export type { QuiesceWish } from './model/operation-parameters.js';
export type { InstanceFault, OperatorFailure, TenantFault } from './model/instance-fault.js';
export type { Notification, NotificationPayload } from './model/notification.js';
export { operations } from './model/operation-table.js';
export type { OperationName } from './model/operation-table.js';
export type { DriverStep, Goal, Operation, RecoveryPolicy } from './model/operations/operation.js';
export type { HostDescription, HostRecord } from './model/host-record.js';
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
  causeOf,
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

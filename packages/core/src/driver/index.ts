/**
 * All that the author of a hypervisor driver needs. Start with {@link ComputeDriver}; prove the driver with
 * `@virtkit/driver-testkit`.
 *
 * @packageDocumentation
 */
export type {
  ComputeDriver,
  DestroyRequest,
  GuestInfo,
  GuestInspection,
  InspectRequest,
  SpawnRequest,
} from './compute-driver.js';
export type { GuestRequest, HostRequest, InstanceRequest } from './driver-request.js';
export type { GuestName } from './guest-name.js';
export { capabilityMethods, missingMethods, supports } from './driver-capabilities.js';
export type { Abilities, Capability, DriverCapabilities, DriverWith, Unsupported } from './driver-capabilities.js';
export type { DriverMethodName, DriverMethods, OptionsOf, RequestOf } from './driver-methods.js';
export { driverContractVersion } from './driver-definition.js';
export type {
  ConfigurationSchema,
  ContractRange,
  ConfiguredDriver,
  DriverDefinition,
  SchemaIssue,
  SchemaResult,
} from './driver-definition.js';
export type { DriverEnvironment, DriverLog } from './driver-environment.js';
export type { DriverFence } from './driver-fence.js';

export type * from './abilities/consoles.js';
export type * from './abilities/diagnostics.js';
export type * from './abilities/evacuate.js';
export type * from './abilities/guest-agent.js';
export type * from './abilities/host.js';
export type * from './abilities/image-cache.js';
export type * from './abilities/interfaces.js';
export type * from './abilities/live-migration.js';
export type * from './abilities/pause.js';
export type * from './abilities/power.js';
export type * from './abilities/reboot.js';
export type * from './abilities/rebuild.js';
export type * from './abilities/rescue.js';
export type * from './abilities/resize.js';
export type * from './abilities/snapshot.js';
export type * from './abilities/soft-delete.js';
export type * from './abilities/suspend.js';
export type * from './abilities/volumes.js';

export type { BlockDevice, BlockDeviceSource, FileSource, HostDeviceSource } from './block-device.js';
export type { CallOptions } from './call-options.js';
export type { Clock } from './clock.js';
export { checkedValue, isList, printed, printedName, refusedValue } from './checked-value.js';
export { ComputeError, isComputeError } from './compute-error.js';
export type { ComputeErrorOptions, TenantFailure } from './compute-error.js';
export { computeErrors } from './compute-error-table.js';
export type {
  ComputeErrorCode,
  ComputeErrorDetails,
  ComputeErrorEffect,
  ComputeErrorParty,
  ComputeErrorRow,
  ImageProblem,
  RecordKind,
  MigrationProblem,
  NotSupportedReason,
  StartProblem,
  VolumeProblem,
} from './compute-error-code.js';
export { lifecycleTransitions } from './driver-event.js';
export type {
  AvailabilityEvent,
  DriverEvent,
  LifecycleEvent,
  LifecycleTransition,
  ResyncEvent,
} from './driver-event.js';
export type {
  ExpectedEvents,
  ExternalEvent,
  ExternalEventInbox,
  ExternalEventKey,
  ExternalEventName,
} from './external-event.js';
export type { Flavor } from './flavor.js';
export { requireHonoured } from './honoured-properties.js';
export type { HonouredProperties, HonouredValues } from './honoured-properties.js';
export type { Image, ImageLocation } from './image.js';
export type { InstanceSpec } from './instance-spec.js';
export type {
  BridgeInterface,
  NamedNetworkInterface,
  NetworkInterface,
  UserModeInterface,
} from './network-interface.js';
export { forOperator } from './for-operator.js';
export {
  addOperatorFacts,
  causeOf,
  hideCause,
  operatorFactsOf,
  suppress,
  suppressedFailuresOf,
} from './operator-facts.js';
export type { OperatorFacts, SuppressedFailure } from './operator-facts.js';
export { powerStates } from './power-state.js';
export type { PowerState } from './power-state.js';
export { Secret } from './secret.js';
export { fromWire, toWire } from './wire-codec.js';
export type { WireOptions } from './wire-codec.js';
export { systemClock } from './system-clock.js';

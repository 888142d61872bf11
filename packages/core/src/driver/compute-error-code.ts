/**
 * Every error Virtkit makes on purpose, with what it carries. The set is closed: a caller acts on the code, and nothing else decides.
 * `compute-error-table.ts` says of each what it means.
 *
 * `details` of each code are written for tenants: uuids the caller already knows, words from closed sets, numbers, and
 * the caller's own input. What only an operator may read never goes here; it goes into {@link OperatorFacts}.
 */
export interface ComputeErrorDetails {
  INVALID_INPUT: { field: string; value: string; accepted: string };
  INVALID_CONFIGURATION: { field: string; value: string; accepted: string };
  UNKNOWN_DRIVER: { driver: string; accepted: readonly string[] };
  DRIVER_INCOMPATIBLE: { driver: string; problem: string; accepted: string };
  INSTANCE_NOT_FOUND: { instanceUuid: string };
  INSTANCE_EXISTS: { instanceUuid: string };
  GUEST_LOST: { instanceUuid: string };
  GUEST_CRASHED: { instanceUuid: string };
  INSTANCE_INVALID_STATE: {
    instanceUuid: string;
    operation: string;
    attribute: 'vm state' | 'task state' | 'power state';
    actual: string;
    accepted: readonly string[];
  };
  INSTANCE_LOCKED: { instanceUuid: string; operation: string };
  FORBIDDEN: { operation: string };
  INSTANCE_QUARANTINED: { instanceUuid: string; operation: string };
  UNEXPECTED_TASK_STATE: { instanceUuid: string; expected: readonly string[]; actual: string };
  ACTION_NOT_FOUND: { actionUuid: string };
  UNEXPECTED_ACTION_STATE: { actionUuid: string; expected: readonly string[]; actual: string };
  IDEMPOTENCY_CONFLICT: { idempotencyKey: string };
  MIGRATION_NOT_FOUND: { migrationUuid: string };
  RECORD_DAMAGED: { record: RecordKind; uuid: string };
  HOST_TAKEN: { retryAfterMs: number };
  SESSION_LOST: Record<never, never>;
  NOT_SUPPORTED: { capability: string; reason: NotSupportedReason };
  IMAGE_NOT_FOUND: { imageId: string };
  IMAGE_UNACCEPTABLE: { imageId: string; reason: ImageProblem };
  VOLUME_NOT_FOUND: { volumeId: string };
  VOLUME_UNAVAILABLE: { volumeId: string; reason: VolumeProblem };
  RESERVATION_ENDED: { reservationId: string };
  NETWORK_NOT_FOUND: { networkId: string };
  NETWORK_UNAVAILABLE: { networkId: string };
  FLAVOR_TOO_SMALL: { resource: 'disk' | 'memory'; requiredMib: number; offeredMib: number };
  AGENT_UNAVAILABLE: { instanceUuid: string };
  CONSOLE_TOKEN_INVALID: Record<never, never>;
  CONSOLE_UNAVAILABLE: { instanceUuid: string; console: string };
  DEVICE_NOT_FOUND: { instanceUuid: string; device: string };
  DEVICE_DETACH_REFUSED: { instanceUuid: string; device: string };
  TOO_MANY_DEVICES: { instanceUuid: string; deviceCountMax: number };
  DESTINATION_UNAVAILABLE: { instanceUuid: string };
  MIGRATION_REFUSED: { instanceUuid: string; reason: MigrationProblem };
  MIGRATION_FAILED: { instanceUuid: string };
  NO_ACTIVE_MIGRATION: { instanceUuid: string };
  GUEST_START_FAILED: { instanceUuid: string; reason: StartProblem };
  GUEST_OPERATION_FAILED: { instanceUuid: string; operation: string };
  VIF_PLUG_FAILED: { instanceUuid: string };
  VIF_PLUG_TIMEOUT: { instanceUuid: string; timeoutMs: number };
  INSUFFICIENT_RESOURCES: { resource: 'memory' | 'disk' | 'vcpus' | 'ports' };
  HYPERVISOR_UNAVAILABLE: Record<never, never>;
  STORE_UNAVAILABLE: Record<never, never>;
  MANAGER_CLOSED: { operation: string };
  HOST_UNAVAILABLE: { operation: string };
  HOST_DISABLED: { operation: string; mode: 'disabled' | 'maintenance' };
  QUEUE_FULL: { operation: string; pendingMax: number };
  DEADLINE_EXCEEDED: { operation: string; timeoutMs: number };
  ABORTED: { operation: string };
  INTERRUPTED: { operation: string };
  OUTCOME_UNKNOWN: { operation: string };
  INTERNAL: { correlationId: string };
}

export type ComputeErrorCode = keyof ComputeErrorDetails;

/** Why a guest did not start, as far as a tenant may know it. `unspecified` when the host's words fit none of the others. */
export type StartProblem =
  | 'disk'
  | 'changed disks'
  | 'image'
  | 'kernel'
  | 'memory'
  | 'saved memory'
  | 'network'
  | 'console'
  | 'device'
  | 'firmware'
  | 'machine'
  | 'virtualization'
  | 'unspecified';
/** Why something cannot be done on a host. What a driver has to say beside is for operators. */
export type NotSupportedReason =
  | 'the driver of this host cannot do it'
  | 'this guest cannot do it'
  | `no provider of ${'images' | 'networks' | 'volumes'} is configured`
  | 'the host offers no VNC consoles'
  | 'this host does not let guests reach its own network'
  | 'this driver has only the root disk yet';
export type ImageProblem =
  | 'empty'
  | 'format'
  | 'damaged'
  | 'checksum'
  | 'not active'
  | 'outside the image directories'
  | 'too large'
  | 'backing file';
export type VolumeProblem = 'in use' | 'not attached' | 'cannot be connected' | 'cannot be resized';
export type MigrationProblem = 'cpu' | 'storage' | 'network' | 'device' | 'same host' | 'busy' | 'unspecified';

/**
 * What the failed call has changed.
 * `none`: nothing, the instance is as it was. `partial`: something, the manager asks the driver what is true.
 * `done`: the work itself was done. `unknown`: nobody knows yet; never retried blindly.
 */
export type ComputeErrorEffect = 'none' | 'partial' | 'done' | 'unknown';

/** Who has to act: the caller, the operator of the host, or whoever maintains the code that broke its contract. */
export type ComputeErrorParty = 'caller' | 'operator' | 'maintainer';

export interface ComputeErrorRow<Code extends ComputeErrorCode> {
  /** For the reader of the documentation. */
  readonly meaning: string;
  readonly atFault: ComputeErrorParty;
  /** True when the same request may succeed later without anybody changing anything. See `computeErrors` for what that means by effect. */
  readonly retryable: boolean;
  /** The usual effect; a thrower that knows better says so. */
  readonly effect: ComputeErrorEffect;
  /** What an HTTP front end answers with. */
  readonly httpStatus: number;
  /** The fixed text a tenant reads. A function of the details and of nothing else. */
  readonly message: (details: ComputeErrorDetails[Code]) => string;
}

/** What a store keeps records of. */
export type RecordKind =
  'instance' | 'action' | 'event' | 'fault' | 'migration' | 'notification' | 'host' | 'session' | 'console token';

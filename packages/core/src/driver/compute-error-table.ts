/**
 * Every error Virtkit makes on purpose, in one closed table. A caller acts on the code; nothing else decides.
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
  INSTANCE_INVALID_STATE: {
    instanceUuid: string;
    operation: string;
    attribute: 'vm state' | 'task state' | 'power state';
    actual: string;
    accepted: readonly string[];
  };
  INSTANCE_LOCKED: { instanceUuid: string; operation: string };
  INSTANCE_QUARANTINED: { instanceUuid: string; operation: string };
  UNEXPECTED_TASK_STATE: { instanceUuid: string; expected: readonly string[]; actual: string };
  ACTION_NOT_FOUND: { actionUuid: string };
  NOT_SUPPORTED: { capability: string; reason: string };
  IMAGE_NOT_FOUND: { imageId: string };
  IMAGE_UNACCEPTABLE: { imageId: string; reason: ImageProblem };
  FLAVOR_TOO_SMALL: { resource: 'disk' | 'memory'; requiredMib: number; offeredMib: number };
  AGENT_UNAVAILABLE: { instanceUuid: string };
  CONSOLE_UNAVAILABLE: { instanceUuid: string; console: string };
  DEVICE_NOT_FOUND: { instanceUuid: string; device: string };
  DEVICE_DETACH_REFUSED: { instanceUuid: string; device: string };
  TOO_MANY_DEVICES: { instanceUuid: string; deviceCountMax: number };
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
  'disk' | 'image' | 'kernel' | 'memory' | 'network' | 'console' | 'device' | 'firmware' | 'unspecified';
export type ImageProblem = 'format' | 'damaged' | 'not active' | 'outside the image directories' | 'too large';
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
  /** True when the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean;
  /** The usual effect; a thrower that knows better says so. */
  readonly effect: ComputeErrorEffect;
  /** What an HTTP front end answers with. */
  readonly httpStatus: number;
  /** The fixed text a tenant reads. A function of the details and of nothing else. */
  readonly message: (details: ComputeErrorDetails[Code]) => string;
}

const startProblems: Record<StartProblem, string> = {
  disk: 'one of its disks is missing or cannot be opened',
  image: 'one of its disk images is damaged or in another format than recorded',
  kernel: 'its kernel or ramdisk is missing',
  memory: 'the host could not give it its memory',
  network: 'one of its networks is not available on the host',
  console: 'its console could not be set up',
  device: 'one of its devices is not available on the host',
  firmware: 'its firmware could not be set up',
  unspecified: 'the hypervisor refused it',
};

const list = (accepted: readonly string[]): string => accepted.join(', ') || 'nothing';

export const computeErrors: { readonly [Code in ComputeErrorCode]: ComputeErrorRow<Code> } = {
  INVALID_INPUT: {
    meaning: 'An argument is malformed. Nothing was read or written.',
    atFault: 'caller',
    retryable: false,
    effect: 'none',
    httpStatus: 400,
    message: ({ field, value, accepted }) => `${field} is ${value}; accepted: ${accepted}.`,
  },
  INVALID_CONFIGURATION: {
    meaning: 'The configuration given at start is malformed. Nothing was started.',
    atFault: 'operator',
    retryable: false,
    effect: 'none',
    httpStatus: 500,
    message: ({ field, value, accepted }) => `Configuration ${field} is ${value}; accepted: ${accepted}.`,
  },
  UNKNOWN_DRIVER: {
    meaning: 'The configuration names a driver nobody registered.',
    atFault: 'operator',
    retryable: false,
    effect: 'none',
    httpStatus: 500,
    message: ({ driver, accepted }) => `There is no driver called ${driver}; accepted: ${list(accepted)}.`,
  },
  DRIVER_INCOMPATIBLE: {
    meaning: 'A driver was built for another version of the contract, or claims an ability it does not have.',
    atFault: 'maintainer',
    retryable: false,
    effect: 'none',
    httpStatus: 500,
    message: ({ driver, problem, accepted }) => `Driver ${driver} cannot be used: ${problem}; accepted: ${accepted}.`,
  },
  INSTANCE_NOT_FOUND: {
    meaning: 'Nobody knows an instance with this uuid, or the caller may not see it. Asking again will not help.',
    atFault: 'caller',
    retryable: false,
    effect: 'none',
    httpStatus: 404,
    message: ({ instanceUuid }) => `Instance ${instanceUuid} could not be found.`,
  },
  INSTANCE_EXISTS: {
    meaning: 'An instance or guest with this uuid is already there.',
    atFault: 'caller',
    retryable: false,
    effect: 'none',
    httpStatus: 409,
    message: ({ instanceUuid }) => `Instance ${instanceUuid} already exists.`,
  },
  INSTANCE_INVALID_STATE: {
    meaning: 'The operation does not start from the state the instance is in.',
    atFault: 'caller',
    retryable: false,
    effect: 'none',
    httpStatus: 409,
    message: ({ instanceUuid, operation, attribute, actual, accepted }) =>
      `Cannot ${operation} instance ${instanceUuid} while its ${attribute} is ${actual}; accepted: ${list(accepted)}.`,
  },
  INSTANCE_LOCKED: {
    meaning: 'The instance is locked against changes by its owner or an administrator.',
    atFault: 'caller',
    retryable: false,
    effect: 'none',
    httpStatus: 409,
    message: ({ instanceUuid, operation }) => `Cannot ${operation} instance ${instanceUuid} while it is locked.`,
  },
  INSTANCE_QUARANTINED: {
    meaning:
      'An earlier call has not settled and its outcome is not known yet. The instance is left alone until it is.',
    atFault: 'operator',
    retryable: true,
    effect: 'none',
    httpStatus: 409,
    message: ({ instanceUuid, operation }) =>
      `Cannot ${operation} instance ${instanceUuid} until the outcome of an earlier operation is known.`,
  },
  UNEXPECTED_TASK_STATE: {
    meaning: 'Another action owns the instance now. The one that gets this must stop and undo nothing.',
    atFault: 'caller',
    retryable: false,
    effect: 'none',
    httpStatus: 409,
    message: ({ instanceUuid, expected, actual }) =>
      `The task state of instance ${instanceUuid} is ${actual}; accepted: ${list(expected)}.`,
  },
  ACTION_NOT_FOUND: {
    meaning: 'Nobody knows an action with this uuid, or the caller may not see it.',
    atFault: 'caller',
    retryable: false,
    effect: 'none',
    httpStatus: 404,
    message: ({ actionUuid }) => `Action ${actionUuid} could not be found.`,
  },
  NOT_SUPPORTED: {
    meaning: 'The driver does not do this; its capabilities said so beforehand.',
    atFault: 'caller',
    retryable: false,
    effect: 'none',
    httpStatus: 501,
    message: ({ capability, reason }) => `${capability} is not supported here: ${reason}.`,
  },
  IMAGE_NOT_FOUND: {
    meaning: 'The image, or one of its files on the host, is not there.',
    atFault: 'caller',
    retryable: false,
    effect: 'none',
    httpStatus: 404,
    message: ({ imageId }) => `Image ${imageId} could not be found.`,
  },
  IMAGE_UNACCEPTABLE: {
    meaning: 'The image is there but must not be used.',
    atFault: 'caller',
    retryable: false,
    effect: 'none',
    httpStatus: 400,
    message: ({ imageId, reason }) => `Image ${imageId} cannot be used: ${reason}.`,
  },
  FLAVOR_TOO_SMALL: {
    meaning: 'The flavor offers less than the image needs.',
    atFault: 'caller',
    retryable: false,
    effect: 'none',
    httpStatus: 400,
    message: ({ resource, requiredMib, offeredMib }) =>
      `The image needs ${requiredMib} MiB of ${resource}; the flavor offers ${offeredMib} MiB.`,
  },
  AGENT_UNAVAILABLE: {
    meaning: 'The guest agent is not configured or does not answer.',
    atFault: 'caller',
    retryable: true,
    effect: 'none',
    httpStatus: 409,
    message: ({ instanceUuid }) => `The guest agent of instance ${instanceUuid} does not answer.`,
  },
  CONSOLE_UNAVAILABLE: {
    meaning: 'The guest has no such console, or is not running.',
    atFault: 'caller',
    retryable: false,
    effect: 'none',
    httpStatus: 404,
    message: ({ instanceUuid, console }) => `Instance ${instanceUuid} has no ${console} console now.`,
  },
  DEVICE_NOT_FOUND: {
    meaning: 'The guest has no such device. Harmless when detaching.',
    atFault: 'caller',
    retryable: false,
    effect: 'none',
    httpStatus: 404,
    message: ({ instanceUuid, device }) => `Instance ${instanceUuid} has no device ${device}.`,
  },
  DEVICE_DETACH_REFUSED: {
    meaning: 'The guest did not let go of the device in time. It is still attached.',
    atFault: 'caller',
    retryable: true,
    effect: 'none',
    httpStatus: 409,
    message: ({ instanceUuid, device }) => `Instance ${instanceUuid} does not release device ${device}.`,
  },
  TOO_MANY_DEVICES: {
    meaning: 'The guest cannot take one more device of this kind.',
    atFault: 'caller',
    retryable: false,
    effect: 'none',
    httpStatus: 403,
    message: ({ instanceUuid, deviceCountMax }) =>
      `Instance ${instanceUuid} cannot have more than ${deviceCountMax} such devices.`,
  },
  MIGRATION_REFUSED: {
    meaning: 'A check before the migration said no. Nothing was moved.',
    atFault: 'operator',
    retryable: false,
    effect: 'none',
    httpStatus: 409,
    message: ({ instanceUuid, reason }) => `Instance ${instanceUuid} cannot be migrated there: ${reason}.`,
  },
  MIGRATION_FAILED: {
    meaning: 'The migration stopped half way; the guest goes on where it was.',
    atFault: 'operator',
    retryable: true,
    effect: 'partial',
    httpStatus: 500,
    message: ({ instanceUuid }) => `The migration of instance ${instanceUuid} failed.`,
  },
  NO_ACTIVE_MIGRATION: {
    meaning: 'There is no running migration to abort or to complete.',
    atFault: 'caller',
    retryable: false,
    effect: 'none',
    httpStatus: 404,
    message: ({ instanceUuid }) => `Instance ${instanceUuid} is not being migrated.`,
  },
  GUEST_START_FAILED: {
    meaning: 'The hypervisor refused to start the guest, or the guest died while starting.',
    atFault: 'operator',
    retryable: false,
    effect: 'partial',
    httpStatus: 500,
    message: ({ instanceUuid, reason }) => `Instance ${instanceUuid} could not be started: ${startProblems[reason]}.`,
  },
  GUEST_OPERATION_FAILED: {
    meaning: 'The hypervisor refused or broke off an operation on the guest.',
    atFault: 'operator',
    retryable: false,
    effect: 'partial',
    httpStatus: 500,
    message: ({ instanceUuid, operation }) => `The hypervisor could not ${operation} instance ${instanceUuid}.`,
  },
  VIF_PLUG_FAILED: {
    meaning: 'The network said that an interface could not be plugged.',
    atFault: 'operator',
    retryable: true,
    effect: 'partial',
    httpStatus: 500,
    message: ({ instanceUuid }) => `A network interface of instance ${instanceUuid} could not be plugged.`,
  },
  VIF_PLUG_TIMEOUT: {
    meaning: 'The network did not say in time that an interface is plugged.',
    atFault: 'operator',
    retryable: true,
    effect: 'partial',
    httpStatus: 504,
    message: ({ instanceUuid, timeoutMs }) =>
      `A network interface of instance ${instanceUuid} was not plugged within ${timeoutMs} ms.`,
  },
  INSUFFICIENT_RESOURCES: {
    meaning: 'The host has not enough left of a resource.',
    atFault: 'operator',
    retryable: true,
    effect: 'none',
    httpStatus: 503,
    message: ({ resource }) => `The host has not enough ${resource} left.`,
  },
  HYPERVISOR_UNAVAILABLE: {
    meaning: 'The hypervisor cannot be reached and the request was not sent: nothing was done.',
    atFault: 'operator',
    retryable: true,
    effect: 'none',
    httpStatus: 503,
    message: () => 'The hypervisor cannot be reached.',
  },
  STORE_UNAVAILABLE: {
    meaning: 'The store did not take or give a record.',
    atFault: 'operator',
    retryable: true,
    effect: 'unknown',
    httpStatus: 503,
    message: () => 'The records cannot be reached.',
  },
  MANAGER_CLOSED: {
    meaning: 'The compute manager has not been started, or is stopping.',
    atFault: 'operator',
    retryable: true,
    effect: 'none',
    httpStatus: 503,
    message: ({ operation }) => `Cannot ${operation} now: the compute manager is not running.`,
  },
  QUEUE_FULL: {
    meaning: 'Too much is waiting for this instance or host already.',
    atFault: 'caller',
    retryable: true,
    effect: 'none',
    httpStatus: 429,
    message: ({ operation, pendingMax }) => `Cannot ${operation} now: ${pendingMax} operations are waiting already.`,
  },
  DEADLINE_EXCEEDED: {
    meaning: 'The call was aborted at its deadline and has settled since; what it changed is looked up.',
    atFault: 'operator',
    retryable: false,
    effect: 'partial',
    httpStatus: 504,
    message: ({ operation, timeoutMs }) => `${operation} was not done within ${timeoutMs} ms.`,
  },
  ABORTED: {
    meaning: 'The call was aborted by its caller and has settled since; what it changed is looked up.',
    atFault: 'caller',
    retryable: false,
    effect: 'partial',
    httpStatus: 409,
    message: ({ operation }) => `${operation} was cancelled.`,
  },
  INTERRUPTED: {
    meaning: 'The process that ran the operation died; the instance was settled at the next start.',
    atFault: 'operator',
    retryable: false,
    effect: 'partial',
    httpStatus: 500,
    message: ({ operation }) => `${operation} was interrupted by a restart of the compute service.`,
  },
  OUTCOME_UNKNOWN: {
    meaning: 'The request was sent and its answer was lost. It may or may not have happened; look, do not repeat.',
    atFault: 'operator',
    retryable: false,
    effect: 'unknown',
    httpStatus: 500,
    message: ({ operation }) => `It is not known whether ${operation} has happened.`,
  },
  INTERNAL: {
    meaning: 'Something threw what it must not throw. The correlation id is in the operator log beside the cause.',
    atFault: 'maintainer',
    retryable: false,
    effect: 'partial',
    httpStatus: 500,
    message: ({ correlationId }) => `An internal error occurred (${correlationId}).`,
  },
};

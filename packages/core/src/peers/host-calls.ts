import type { HostUsage } from '../claims/resource-claims.js';
import type {
  CallOptions,
  Diagnostics,
  ExternalEvent,
  GuestInspection,
  HostCpuStats,
  HostPowerRequest,
  HostResources,
  PowerState,
  Secret,
} from '../driver/index.js';
import type { ConsoleAccess, ConsoleGrant, ConsoleToken, ConsoleType } from '../model/console-token.js';
import type { ExternalEventOutcome } from '../model/external-event-outcome.js';
import type { HostHealth } from '../model/host-health.js';
import type { HostMode } from '../model/host-record.js';
import type { Instance } from '../model/instance.js';
import type { RequestContext } from '../model/request-context.js';

/** The version of {@link HostCalls} and of the migration calls. Hosts answer each other when `major` is the same; `minor` counts additions. */
export const hostProtocol = { major: 1, minor: 0 } as const;

export interface HostProtocol {
  readonly major: number;
  readonly minor: number;
}

/**
 * What a service asks of a host: the answers that only the host's own driver knows, and what is done on the host itself. The host in the same
 * process is asked by a plain call, every other one through the peers port.
 *
 * ## Rules for every method
 * - The request and the answer are plain data; a password is a `Secret`. The caller's rights were checked by the service.
 * - `HOST_UNAVAILABLE`: the host could not be asked, or a question was not answered. `OUTCOME_UNKNOWN`: a change was asked for and its answer
 *   was lost. All other errors are the host's own.
 */
export interface HostCalls {
  /**
   * Begins an action that is on record as queued for this host. The host also finds it by itself, but without its secrets. Idempotent.
   * @throws ComputeError `ACTION_NOT_FOUND`
   */
  runAction(request: RunActionRequest, options?: CallOptions): Promise<void>;
  /** Cancels an action that runs on this host. `false`: it does not run here. */
  cancelAction(request: ActionRequest, options?: CallOptions): Promise<boolean>;

  /** The end of the guest's console log. @throws ComputeError `NOT_SUPPORTED`, `CONSOLE_UNAVAILABLE`, `GUEST_LOST` */
  getConsoleOutput(request: ConsoleOutputCall, options?: CallOptions): Promise<Uint8Array>;
  /** Makes a console token, which the host puts on record. @throws ComputeError `NOT_SUPPORTED`, `CONSOLE_UNAVAILABLE`, `GUEST_LOST` */
  createConsole(request: CreateConsoleCall, options?: CallOptions): Promise<ConsoleAccess>;
  /** Where the console of a token is now. @throws ComputeError `CONSOLE_TOKEN_INVALID` */
  validateConsole(request: ConsoleTokenCall, options?: CallOptions): Promise<ConsoleGrant>;
  /** @throws ComputeError `NOT_SUPPORTED`, `INSTANCE_INVALID_STATE` for a guest that is off */
  getDiagnostics(request: GuestCall, options?: CallOptions): Promise<Diagnostics>;
  /** The driver's present answer about the guest under the instance's uuid, whichever generation it is. */
  inspect(request: GuestCall, options?: CallOptions): Promise<GuestInspection>;
  /** `NOSTATE` where the instance's own guest is absent. */
  getPowerState(request: GuestCall, options?: CallOptions): Promise<PowerState>;

  /** @throws ComputeError `NO_ACTIVE_MIGRATION`, `NOT_SUPPORTED` */
  abortLiveMigration(request: GuestCall, options?: CallOptions): Promise<void>;
  /** @throws ComputeError `NO_ACTIVE_MIGRATION`, `NOT_SUPPORTED` */
  forceCompleteLiveMigration(request: GuestCall, options?: CallOptions): Promise<void>;

  /** Takes external events of instances of this host. The outcomes are in the order of the events. */
  deliverEvents(request: EventsCall, options?: CallOptions): Promise<readonly ExternalEventOutcome[]>;

  health(request: HostCall, options?: CallOptions): Promise<HostHealth>;
  /** Reads the records and the driver again. */
  usage(request: HostCall, options?: CallOptions): Promise<HostUsage>;
  uptimeMs(request: HostCall, options?: CallOptions): Promise<number>;
  cpuStats(request: HostCall, options?: CallOptions): Promise<HostCpuStats>;
  resources(request: HostCall, options?: CallOptions): Promise<HostResources>;
  mode(request: HostCall, options?: CallOptions): Promise<HostMode>;
  /** Idempotent; see `HostOperator.setMode`. */
  setMode(request: SetModeCall, options?: CallOptions): Promise<void>;
  powerAction(request: PowerActionCall, options?: CallOptions): Promise<void>;
  /** Idempotent. @throws ComputeError `IMAGE_NOT_FOUND` */
  cacheImage(request: CacheImageCall, options?: CallOptions): Promise<'cached' | 'existing'>;
}

export type HostCallName = keyof HostCalls;

/** Who asks: for notifications and logs of the host. */
export interface HostCall {
  readonly context: RequestContext;
}

/** About the guest of an instance, as the service has read its record. */
export interface GuestCall extends HostCall {
  readonly instance: Instance;
}

export interface ActionRequest {
  readonly actionUuid: string;
}

/** What an action was submitted with and is in no record, because only the driver may know it. */
export interface ActionSecrets {
  readonly password?: Secret;
}

export interface RunActionRequest extends ActionRequest {
  readonly secrets?: ActionSecrets;
}

export interface ConsoleOutputCall extends GuestCall {
  readonly lengthBytesMax?: number;
}

export interface CreateConsoleCall extends GuestCall {
  readonly consoleType: ConsoleType;
  /** How long the token is valid, in milliseconds. */
  readonly tokenMs: number;
}

export interface ConsoleTokenCall {
  /** The token as it is on record: the host learns of the token itself only its hash. */
  readonly token: ConsoleToken;
}

export interface EventsCall {
  readonly events: readonly ExternalEvent[];
}

export interface SetModeCall extends HostCall {
  readonly mode: HostMode;
}

export interface PowerActionCall extends HostCall {
  readonly action: HostPowerRequest['action'];
}

export interface CacheImageCall extends HostCall {
  readonly imageId: string;
}

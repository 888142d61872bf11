import type { CallOptions } from '../call-options.js';
import type { GuestRequest } from '../driver-request.js';
import type { Secret } from '../secret.js';

/** Nova: `set_admin_password`. */
export interface AdminPasswordAbility {
  /** Afterwards the guest's administrator has this password. Idempotent. @throws ComputeError `AGENT_UNAVAILABLE` with effect `none` */
  setAdminPassword(request: AdminPasswordRequest, options?: CallOptions): Promise<void>;
}

export interface AdminPasswordRequest extends GuestRequest {
  readonly password: Secret;
}

/** Holding a guest's file systems still for a snapshot. Nova: `quiesce`, `unquiesce`. */
export interface QuiesceAbility {
  /** The driver thaws by itself when `freezeMsMax` is over. Idempotent. @throws ComputeError `AGENT_UNAVAILABLE` with effect `none` */
  quiesce(request: QuiesceRequest, options?: CallOptions): Promise<void>;
  /** Idempotent. */
  unquiesce(request: GuestRequest, options?: CallOptions): Promise<void>;
}

export interface QuiesceRequest extends GuestRequest {
  /** Default 10,000. */
  readonly freezeMsMax?: number;
}

/** Making a guest write its own crash dump. Nova: `trigger_crash_dump`. */
export interface CrashDumpAbility {
  /** Resolves when the guest was told. @throws ComputeError `INSTANCE_INVALID_STATE` when it is not running */
  triggerCrashDump(request: GuestRequest, options?: CallOptions): Promise<void>;
}

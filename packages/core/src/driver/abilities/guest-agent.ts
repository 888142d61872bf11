import type { CallOptions } from '../call-options.js';
import type { Secret } from '../secret.js';

/** Nova: `set_admin_password`. */
export interface AdminPasswordAbility {
  /** Afterwards the guest's administrator has this password. Idempotent. @throws ComputeError `AGENT_UNAVAILABLE` with effect `none` */
  setAdminPassword(instanceUuid: string, password: Secret, options?: CallOptions): Promise<void>;
}

/** Holding a guest's file systems still for a snapshot. Nova: `quiesce`, `unquiesce`. */
export interface QuiesceAbility {
  /** The driver thaws by itself when `freezeMsMax` is over. Idempotent. @throws ComputeError `AGENT_UNAVAILABLE` with effect `none` */
  quiesce(instanceUuid: string, options?: QuiesceOptions): Promise<void>;
  /** Idempotent. */
  unquiesce(instanceUuid: string, options?: CallOptions): Promise<void>;
}

export interface QuiesceOptions extends CallOptions {
  /** Default 10,000. */
  readonly freezeMsMax?: number;
}

/** Making a guest write its own crash dump. Nova: `trigger_crash_dump`. */
export interface CrashDumpAbility {
  /** Resolves when the guest was told. @throws ComputeError `INSTANCE_INVALID_STATE` when it is not running */
  triggerCrashDump(instanceUuid: string, options?: CallOptions): Promise<void>;
}

import type { CallOptions } from '../call-options.js';

/** Stopping a guest's CPUs while its memory stays where it is. Nova: `pause`, `unpause`. */
export interface PauseAbility {
  /** Afterwards the guest is `PAUSED`. Idempotent. @throws ComputeError `INSTANCE_INVALID_STATE` when it is off */
  pause(instanceUuid: string, options?: CallOptions): Promise<void>;

  /** Afterwards the guest is `RUNNING`. Idempotent. */
  unpause(instanceUuid: string, options?: CallOptions): Promise<void>;
}

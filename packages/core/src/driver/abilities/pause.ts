import type { CallOptions } from '../call-options.js';
import type { GuestRequest } from '../driver-request.js';

/** Stopping a guest's CPUs while its memory stays where it is. Nova: `pause`, `unpause`. */
export interface PauseAbility {
  /** Afterwards the guest is `PAUSED`. Idempotent. @throws ComputeError `INSTANCE_INVALID_STATE` when it is off */
  pause(request: GuestRequest, options?: CallOptions): Promise<void>;

  /** Afterwards the guest is `RUNNING`. Idempotent. */
  unpause(request: GuestRequest, options?: CallOptions): Promise<void>;
}

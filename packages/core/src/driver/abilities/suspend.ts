import type { CallOptions } from '../call-options.js';
import type { GuestRequest, InstanceRequest } from '../driver-request.js';

/** Saving a guest's memory to disk and going on from there. Nova: `suspend`, `resume`. */
export interface SuspendAbility {
  /**
   * Saves the guest's memory and stops it. Afterwards its power state is `SUSPENDED` and `inspect` tells of saved memory.
   * On failure the guest goes on as it was. Idempotent.
   */
  suspend(request: GuestRequest, options?: CallOptions): Promise<void>;

  /**
   * Goes on from the saved memory. Afterwards the guest is `RUNNING` and nothing is saved. When the start fails, the saved
   * memory is kept. Idempotent for a running guest.
   * @throws ComputeError `GUEST_START_FAILED`
   */
  resume(request: InstanceRequest, options?: CallOptions): Promise<void>;
}

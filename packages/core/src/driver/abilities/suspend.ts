import type { CallOptions } from '../call-options.js';
import type { InstanceSpec } from '../instance-spec.js';

/** Saving a guest's memory to disk and going on from there. Nova: `suspend`, `resume`. */
export interface SuspendAbility {
  /**
   * Saves the guest's memory and stops it. Afterwards its power state is `SUSPENDED` and `inspect` tells of saved memory.
   * On failure the guest goes on as it was. Idempotent.
   */
  suspend(instanceUuid: string, options?: CallOptions): Promise<void>;

  /**
   * Goes on from the saved memory. Afterwards the guest is `RUNNING` and nothing is saved. When the start fails, the saved
   * memory is kept. Idempotent for a running guest.
   * @throws ComputeError `GUEST_START_FAILED`
   */
  resume(instance: InstanceSpec, options?: CallOptions): Promise<void>;
}

import type { CallOptions } from '../call-options.js';
import type { GuestRequest, InstanceRequest } from '../driver-request.js';

/** Starting and stopping a guest that stays defined. Nova: `power_on`, `power_off`. */
export interface PowerAbility {
  /**
   * Starts the guest, remaking it from the spec where the hypervisor has lost it; one with saved memory goes on from there.
   * Afterwards it is `RUNNING`. Idempotent. The uuid of a guest that is not managed is refused with `INSTANCE_EXISTS`.
   * @throws ComputeError `GUEST_START_FAILED`, `VIF_PLUG_TIMEOUT`, `INSUFFICIENT_RESOURCES`
   */
  powerOn(request: InstanceRequest, options?: CallOptions): Promise<void>;

  /**
   * Stops the guest. With a grace period it is asked first, and again every `retryIntervalMs`; when the period is over, or
   * without one, it is stopped without asking. Afterwards it is `SHUTDOWN` and has no vif or other host end of a running
   * guest; its disks stay. Idempotent: a guest that is off or unknown is success, and so is a suspended one, which stays
   * `SUSPENDED`; what a broken start or stop has left of host ends is removed then too.
   * @throws ComputeError `GUEST_OPERATION_FAILED`
   */
  powerOff(request: PowerOffRequest, options?: CallOptions): Promise<void>;
}

export interface PowerOffRequest extends GuestRequest {
  /** How long the guest may take to stop by itself. Default 0: it is not asked. Nova's `shutdown_timeout` is 60,000. */
  readonly gracePeriodMs?: number;
  /** Default 10,000, Nova's `shutdown_retry_interval`. */
  readonly retryIntervalMs?: number;
}

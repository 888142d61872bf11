import type { CallOptions } from '../call-options.js';
import type { InstanceRequest } from '../driver-request.js';

/** `SOFT` asks the guest and falls back to `HARD`; `HARD` stops it and starts it again from its spec. */
export type RebootType = 'SOFT' | 'HARD';

/** Restarting a guest. Nova: `reboot`. */
export interface RebootAbility {
  /**
   * Afterwards the guest is `RUNNING`, with a new life: its CPUs have started from reset. `HARD` is the universal repair:
   * it works from any power state, and for a guest the hypervisor has lost it makes a new one from the spec and the disks
   * that are there. A failed start leaves no running guest, no vif and no secret behind; the disks stay, so that the next
   * `HARD` reboot can repair the instance.
   * @throws ComputeError `GUEST_START_FAILED`, `VIF_PLUG_FAILED`, `VIF_PLUG_TIMEOUT`, `INSUFFICIENT_RESOURCES`
   */
  reboot(request: RebootRequest, options?: CallOptions): Promise<void>;
}

export interface RebootRequest extends InstanceRequest {
  readonly type: RebootType;
}

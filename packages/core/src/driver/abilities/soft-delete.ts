import type { CallOptions } from '../call-options.js';
import type { GuestRequest, InstanceRequest } from '../driver-request.js';

/** Hiding a guest so that it can come back. Nova: `soft_delete`, `restore`; without it the manager powers off and on. */
export interface SoftDeleteAbility {
  /** Afterwards the guest is off and its disks are kept. Idempotent. */
  softDelete(request: GuestRequest, options?: CallOptions): Promise<void>;
  /** Afterwards the guest runs again. Idempotent. */
  restore(request: InstanceRequest, options?: CallOptions): Promise<void>;
}

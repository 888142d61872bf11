import type { CallOptions } from '../call-options.js';
import type { InstanceSpec } from '../instance-spec.js';

/** Hiding a guest so that it can come back. Nova: `soft_delete`, `restore`; without it the manager powers off and on. */
export interface SoftDeleteAbility {
  /** Afterwards the guest is off and its disks are kept. Idempotent. */
  softDelete(instanceUuid: string, options?: CallOptions): Promise<void>;
  /** Afterwards the guest runs again. Idempotent. */
  restore(instance: InstanceSpec, options?: CallOptions): Promise<void>;
}

import type { CallOptions } from '../call-options.js';
import type { InstanceSpec } from '../instance-spec.js';

/** Replacing a guest's root disk in place. Nova: `rebuild`; without it the manager destroys and spawns. */
export interface RebuildAbility {
  /** Afterwards the guest runs from a fresh root disk of `instance.image`; its other disks are untouched. */
  rebuild(instance: InstanceSpec, options?: CallOptions): Promise<void>;
}

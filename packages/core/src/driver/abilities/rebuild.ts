import type { CallOptions } from '../call-options.js';
import type { InstanceRequest } from '../driver-request.js';

/** Replacing a guest's root disk in place. Nova: `rebuild`; without it the manager destroys and spawns. */
export interface RebuildAbility {
  /**
   * Afterwards the guest runs from a fresh root disk of the image of `instance`; its other disks are untouched. Idempotent, each time with
   * another fresh disk. The guest keeps its generation. On failure the guest is off; the old disk may be gone, and `inspect` tells of which
   * image the disk is now.
   * @throws ComputeError `IMAGE_NOT_FOUND`, `IMAGE_UNACCEPTABLE`, `FLAVOR_TOO_SMALL`, `GUEST_START_FAILED`
   */
  rebuild(request: InstanceRequest, options?: CallOptions): Promise<void>;
}

import type { CallOptions } from '../call-options.js';
import type { InstanceRequest } from '../driver-request.js';
import type { Image } from '../image.js';
import type { Secret } from '../secret.js';

/** Booting a guest from another image with its own disks attached. Nova: `rescue`, `unrescue`. */
export interface RescueAbility {
  /**
   * Afterwards the guest runs from `image`, its own disks attached behind it, and `inspect` says so. It was powered off before. On
   * failure it is off and boots from its own disk again. Idempotent: one that is rescued already is rescued anew.
   * @throws ComputeError `IMAGE_NOT_FOUND`, `IMAGE_UNACCEPTABLE`, `GUEST_START_FAILED`
   */
  rescue(request: RescueRequest, options?: CallOptions): Promise<void>;

  /** Afterwards the guest runs from its own disk, and the rescue disk is gone. Idempotent. */
  unrescue(request: InstanceRequest, options?: CallOptions): Promise<void>;
}

export interface RescueRequest extends InstanceRequest {
  readonly image: Image;
  readonly password?: Secret;
}

import type { CallOptions } from '../call-options.js';
import type { Image } from '../image.js';
import type { InstanceSpec } from '../instance-spec.js';
import type { Secret } from '../secret.js';

/** Booting a guest from another image with its own disks attached. Nova: `rescue`, `unrescue`. */
export interface RescueAbility {
  /**
   * Afterwards the guest runs from `image`, its own disks attached behind it, and `inspect` says so. It was powered off before. On
   * failure it is off and boots from its own disk again. Idempotent: one that is rescued already is rescued anew.
   * @throws ComputeError `IMAGE_NOT_FOUND`, `IMAGE_UNACCEPTABLE`, `GUEST_START_FAILED`
   */
  rescue(instance: InstanceSpec, image: Image, options?: RescueOptions): Promise<void>;

  /** Afterwards the guest runs from its own disk, and the rescue disk is gone. Idempotent. */
  unrescue(instance: InstanceSpec, options?: CallOptions): Promise<void>;
}

export interface RescueOptions extends CallOptions {
  readonly password?: Secret;
}

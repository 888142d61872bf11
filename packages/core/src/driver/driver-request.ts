import type { GuestName } from './guest-name.js';
import type { InstanceSpec } from './instance-spec.js';

/** A request about the host that says nothing more. */
export type HostRequest = Readonly<Record<string, never>>;

/** A request that names a guest and says nothing more. */
export interface GuestRequest {
  readonly instance: GuestName;
}

/** A request that needs all of an instance and says nothing more. */
export interface InstanceRequest {
  readonly instance: InstanceSpec;
}

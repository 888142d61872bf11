import type { CallOptions } from '../call-options.js';
import type { GuestRequest } from '../driver-request.js';

/** Taking over the guests of a host that died. Nova: `supports_evacuate`, `instance_on_disk`. */
export interface EvacuateAbility {
  /** Whether this host can reach the instance's disks, so that they need not be made anew. */
  instanceOnDisk(request: GuestRequest, options?: CallOptions): Promise<'present' | 'absent'>;
}

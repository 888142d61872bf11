import type { Clock, DriverLog } from '@virtkit/core/driver';
import type { LibvirtClient } from '@virtkit/libvirt-client';
import type { LibvirtTimeouts } from '../libvirt-configuration.js';

/** What a guest needs of its host. */
export interface GuestContext {
  readonly client: LibvirtClient;
  readonly timeouts: LibvirtTimeouts;
  readonly clock: Clock;
  readonly log: DriverLog;
}

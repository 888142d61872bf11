import type { BlockDevice } from '@virtkit/core/driver';
import type { ShutdownManner } from './simulated-guest.js';

/** How long a guest takes to let go of a device; `'never'`: it does not. */
export type DetachManner = ShutdownManner;

/** What a guest has written to one of its disks in this life. */
interface WriteCounter {
  readonly requests: number;
  readonly bytes: number;
}

/** What is known of few guests only. */
export interface GuestDoings {
  detachManner?: DetachManner;
  /** By the id of the disk, from the start of the guest. */
  counters: Map<string, WriteCounter>;
  /** A disk that is being replaced under the guest: what it writes goes to both. */
  mirror?: { readonly deviceId: string; readonly replacement: BlockDevice } | undefined;
  /** The interfaces in the network set-up that was last written into it. */
  networkSetUp?: readonly string[];
}

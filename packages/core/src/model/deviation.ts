import type { PowerState } from '../driver/index.js';
import type { PowerStateReaction } from './power-state-policy.js';
import type { VmState } from './vm-state.js';

/** A guest that was not as its record had it, and what was done about it. */
export interface PowerStateDeviation {
  readonly instanceUuid: string;
  /** What the record said. */
  readonly vmState: VmState;
  /** What the hypervisor said. */
  readonly powerState: PowerState;
  readonly reaction: PowerStateReaction;
}

/** A guest that this host's hypervisor has, and none of its instances accounts for. */
export interface UnknownGuest {
  readonly instanceUuid: string;
  /**
   * `no record`: nobody knows of it. `deleted`: its instance is. `elsewhere`: the record says that its instance is not on this host. `another
   * generation`: the instance of this uuid is on this host and means another guest.
   */
  readonly because: 'no record' | 'deleted' | 'elsewhere' | 'another generation';
}

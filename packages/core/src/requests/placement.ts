import type { CallOptions, Capability, Flavor, Image } from '../driver/index.js';
import type { OperationName } from '../model/operation-table.js';
import type { RequestContext } from '../model/request-context.js';

/** What an instance needs of the host that it is going to. */
export interface WantedInstance {
  readonly flavor: Flavor;
  readonly image?: Image;
  /** Abilities without which the host cannot take it. */
  readonly capabilities: readonly Capability[];
}

/** A request for an instance that is on no host yet. */
export interface PlacementRequest extends WantedInstance {
  readonly operation: OperationName;
  readonly context: RequestContext;
}

/** Decides where a new instance goes. The host looks again when the instance arrives, and refuses what it cannot take. */
export interface Placement {
  /**
   * The host for an instance. Writes nothing.
   * @throws ComputeError `INSUFFICIENT_RESOURCES` when no host has room, `HOST_UNAVAILABLE` when none can take it at all
   */
  choose(request: PlacementRequest, options?: CallOptions): Promise<string>;
}

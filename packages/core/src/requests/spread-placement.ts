import { combined, footprintOf, nothing, publicResources, resources } from '../claims/footprint.js';
import {
  ComputeError,
  isComputeError,
  requireHonoured,
  type CallOptions,
  type Clock,
  type ComputeErrorCode,
  type Flavor,
} from '../driver/index.js';
import { requireCapability } from '../guard/require-capability.js';
import type { Footprint } from '../model/footprint.js';
import type { HostDescription, HostRecord } from '../model/host-record.js';
import { operations } from '../model/operation-table.js';
import { hostProtocol } from '../peers/host-calls.js';
import { refuseArrival } from '../records/host-mode.js';
import type { ComputeStore } from '../store/compute-store.js';
import { instancePages } from '../store/instance-pages.js';
import type { Placement, PlacementRequest } from './placement.js';

export interface SpreadPlacementDeps {
  readonly store: ComputeStore;
  readonly clock: Clock;
}

/** How long a sum over all instances is used again, in milliseconds. What this process places meanwhile is added to it. */
const USAGE_LASTS_MS = 5_000;

interface Refusal {
  readonly host: string;
  readonly failure: ComputeError;
}

interface Candidate {
  readonly host: string;
  /** Of the memory that may be taken, the part that is free; 1 where the host does not tell. */
  readonly freePart: number;
}

/**
 * Places an instance on the host with the largest part of its memory free, among those that are enabled, have a living manager, can do
 * what the request needs, and have room for its flavor.
 */
export class SpreadPlacement implements Placement {
  readonly #deps: SpreadPlacementDeps;
  #used = new Map<string, Footprint>();
  #readAtMs = -Infinity;

  constructor(deps: SpreadPlacementDeps) {
    this.#deps = deps;
  }

  async choose(request: PlacementRequest, options: CallOptions = {}): Promise<string> {
    const { store } = this.#deps;
    const used = await this.#usage(options);
    const candidates: Candidate[] = [];
    const refusals: Refusal[] = [];
    for (const record of await store.listHosts(options)) {
      const { host } = record;
      try {
        await this.#check(record, request, used, options);
        candidates.push({ host, freePart: freePart(record, used) });
      } catch (failure) {
        if (!isComputeError(failure) || failure.code === 'STORE_UNAVAILABLE') throw failure;
        refusals.push({ host, failure });
      }
    }
    const [best] = candidates.sort((one, other) => other.freePart - one.freePart || (one.host < other.host ? -1 : 1));
    if (!best) throw nearest(request, refusals);
    used.set(best.host, plus(used.get(best.host), request.flavor));
    return best.host;
  }

  /** @throws ComputeError `HOST_UNAVAILABLE`, `HOST_DISABLED`, `NOT_SUPPORTED`, `INVALID_INPUT`, `INSUFFICIENT_RESOURCES` */
  async #check(
    { host, mode, description }: HostRecord,
    { flavor, image, capabilities, operation }: PlacementRequest,
    used: ReadonlyMap<string, Footprint>,
    options: CallOptions,
  ): Promise<void> {
    const { verb } = operations[operation];
    if (description?.protocol.major !== hostProtocol.major)
      throw new ComputeError('HOST_UNAVAILABLE', { operation: verb });
    refuseArrival(mode, verb);
    for (const capability of capabilities) requireCapability(description.capabilities, capability);
    requireHonoured(description.honoured ?? undefined, { flavor, ...(image && { image }) });
    const seen = await this.#deps.store.getSession(host, options);
    if (seen?.lease !== 'lasting') throw new ComputeError('HOST_UNAVAILABLE', { operation: verb });
    requireRoom(description, used.get(host) ?? nothing, footprintOf(flavor));
  }

  /** What instances take of each host, by their records; those that wait to be built too. */
  async #usage(options: CallOptions): Promise<Map<string, Footprint>> {
    const { store, clock } = this.#deps;
    if (clock.monotonicMs() - this.#readAtMs < USAGE_LASTS_MS) return this.#used;
    const used = new Map<string, Footprint>();
    const readAtMs = clock.monotonicMs();
    for await (const page of instancePages(store, {}, options)) {
      for (const { host, vmState, flavor } of page) {
        if (host !== null && vmState !== 'shelved_offloaded') used.set(host, plus(used.get(host), flavor));
      }
    }
    this.#used = used;
    this.#readAtMs = readAtMs;
    return used;
  }
}

function plus(used: Footprint | undefined, flavor: Flavor): Footprint {
  return combined(used ?? nothing, footprintOf(flavor), (all, more) => all + more);
}

/** @throws ComputeError `INSUFFICIENT_RESOURCES` */
function requireRoom({ limits }: HostDescription, used: Footprint, wanted: Footprint): void {
  if (limits === null) return;
  const lacking = resources.find((each) => wanted[each] > 0 && used[each] + wanted[each] > limits[each]);
  if (lacking) throw new ComputeError('INSUFFICIENT_RESOURCES', { resource: publicResources[lacking] });
}

function freePart({ host, description }: HostRecord, used: ReadonlyMap<string, Footprint>): number {
  const limitMib = description?.limits?.memoryMib;
  return limitMib ? 1 - (used.get(host)?.memoryMib ?? 0) / limitMib : 1;
}

/** Which refusal tells the caller most: that of a host which could take the instance at another time comes first. */
const nearness: readonly ComputeErrorCode[] = [
  'INSUFFICIENT_RESOURCES',
  'HOST_DISABLED',
  'INVALID_INPUT',
  'NOT_SUPPORTED',
];

/** Why no host was chosen: the refusal of the host that came nearest. The operator reads the refusal of each. */
function nearest({ operation }: PlacementRequest, refusals: readonly Refusal[]): ComputeError {
  const hosts = refusals.map(({ host, failure }) => ({ host, code: failure.code }));
  const chosen = nearness.flatMap((code) => refusals.filter(({ failure }) => failure.code === code)).at(0)?.failure;
  const { code, details } = chosen ?? new ComputeError('HOST_UNAVAILABLE', { operation: operations[operation].verb });
  return new ComputeError(code, details, { effect: 'none', operator: { hosts } });
}

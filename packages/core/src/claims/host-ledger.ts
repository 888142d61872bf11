import type { Footprint } from '../model/footprint.js';
import { combined, larger, nothing } from './footprint.js';

interface Entry {
  /** By the record of it. */
  readonly recorded: Footprint;
  /** By whoever is about to write that record. */
  readonly claimed: Footprint;
}

const empty: Entry = { recorded: nothing, claimed: nothing };

/**
 * What is taken on a host, a line for each instance and each move: what its record says, or what is claimed for it until then,
 * whichever is more. The sum is kept along.
 */
export class HostLedger {
  readonly #entries = new Map<string, Entry>();
  #used: Footprint = nothing;

  get used(): Footprint {
    return this.#used;
  }

  /** The keys that records have put here. */
  *recordedKeys(): Generator<string> {
    for (const [key, { recorded }] of this.#entries) if (recorded !== nothing) yield key;
  }

  /** What the host would have to give in addition, were so much claimed under the key. */
  addition(key: string, footprint: Footprint): Footprint {
    const entry = this.#entries.get(key) ?? empty;
    return combined(larger(taken(entry), footprint), taken(entry), (next, before) => next - before);
  }

  record(key: string, recorded: Footprint): void {
    this.#put(key, { ...(this.#entries.get(key) ?? empty), recorded });
  }

  claim(key: string, claimed: Footprint): void {
    this.#put(key, { ...(this.#entries.get(key) ?? empty), claimed });
  }

  #put(key: string, next: Entry): void {
    const before = taken(this.#entries.get(key) ?? empty);
    const change = combined(taken(next), before, (now, then) => now - then);
    this.#used = combined(this.#used, change, (sum, part) => sum + part);
    if (next.recorded === nothing && next.claimed === nothing) this.#entries.delete(key);
    else this.#entries.set(key, next);
  }
}

function taken({ recorded, claimed }: Entry): Footprint {
  return larger(recorded, claimed);
}

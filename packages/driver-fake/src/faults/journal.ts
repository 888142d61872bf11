import type { FaultPoint } from './fault-plan.js';
import { isHypervisorStep, type Operation } from './operation.js';

/** One call, in the order in which calls began. */
export interface JournalEntry {
  readonly operation: Operation;
  readonly instanceUuid: string | undefined;
  /** `'under way'` until it has settled; for ever, when it hangs or its caller died. */
  readonly outcome: 'under way' | 'done' | 'failed';
}

/** What {@link Journal.begin} gives to whoever makes the call. */
export type OpenJournalEntry = { -readonly [Field in keyof JournalEntry]: JournalEntry[Field] };

/**
 * What was asked of the driver and of the hypervisor. A fault matrix runs once, reads {@link Journal.points}, and then runs
 * once for each of them with a fault planned there.
 */
export class Journal {
  readonly #entriesMax: number;
  #entries: OpenJournalEntry[] = [];

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  /** The newest of all entries; at least half as many as the journal may hold are kept. */
  get entries(): readonly JournalEntry[] {
    return this.#entries;
  }

  /** The operations alone, for an assertion one can read. */
  get steps(): readonly Operation[] {
    return this.#entries.map(({ operation }) => operation).filter(isHypervisorStep);
  }

  /** Every entry as a place where a fault can strike, when the same is done again. */
  points(): readonly Required<FaultPoint>[] {
    const counts = new Map<string, number>();
    return this.#entries.flatMap(({ operation, instanceUuid }) => {
      if (instanceUuid === undefined) return [];
      const key = `${operation} ${instanceUuid}`;
      const nth = (counts.get(key) ?? 0) + 1;
      counts.set(key, nth);
      return [{ at: operation, instanceUuid, nth }];
    });
  }

  clear(): void {
    this.#entries = [];
  }

  begin(operation: Operation, instanceUuid: string | undefined): OpenJournalEntry {
    const entry: OpenJournalEntry = { operation, instanceUuid, outcome: 'under way' };
    // Half at a time, so that a full journal costs no more per entry than an empty one.
    if (this.#entries.length >= this.#entriesMax) this.#entries = this.#entries.slice(-Math.ceil(this.#entriesMax / 2));
    this.#entries.push(entry);
    return entry;
  }
}

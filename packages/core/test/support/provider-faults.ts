import { ComputeError, type Clock } from '@virtkit/core';
import type { CallOptions } from '@virtkit/core/providers';

/** What goes wrong with a provider's call. */
export type ProviderFault =
  | { readonly type: 'throw'; readonly error: unknown; readonly when?: 'before' | 'after' }
  | { readonly type: 'delay'; readonly delayMs: number }
  | { readonly type: 'hang'; readonly until: 'abort' | 'never'; readonly when?: 'before' | 'after' }
  /** The work is done and its answer is lost. */
  | { readonly type: 'lose-answer' }
  /** Something else happens at that moment, and the call goes on. */
  | { readonly type: 'meet'; readonly meet: () => Promise<void>; readonly when: 'before' | 'after' }
  /** The process that called is dead: nobody hears of the answer. */
  | { readonly type: 'die'; readonly die: () => void; readonly when?: 'before' | 'after' };

export interface ProviderFaultRequest {
  /** `volumes.reserve` */
  readonly at: string;
  /** Which of these calls since it was planned, from 1. Default 1. */
  readonly nth?: number;
  readonly times?: number | 'always';
  readonly fault: ProviderFault;
}

interface Entry {
  readonly request: ProviderFaultRequest;
  seen: number;
  strikes: number;
}

/** The highest epoch seen of each host. One for all providers of a test. */
class SeenLeaders {
  readonly #epochs = new Map<string, number>();

  /** @throws ComputeError `SESSION_LOST` when a later manager of the same host was seen */
  admit({ leader }: CallOptions): void {
    if (!leader) return;
    const seen = this.#epochs.get(leader.host) ?? 0;
    if (leader.epoch < seen) throw new ComputeError('SESSION_LOST', {});
    this.#epochs.set(leader.host, leader.epoch);
  }
}

const reading = /\.(get|list)|Of$/;

/** What is planned to go wrong with providers, and what was asked of them, in order. One for all providers of a test. */
export class ProviderFaults {
  readonly leaders = new SeenLeaders();
  readonly #clock: Clock;
  #entries: Entry[] = [];
  #calls: string[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What was asked since the start or {@link clearCalls}. */
  get calls(): readonly string[] {
    return this.#calls;
  }

  /** Every call since then as a place for a fault. */
  points(): readonly { readonly at: string; readonly nth: number }[] {
    return this.#calls.map((at, index) => ({
      at,
      nth: this.#calls.slice(0, index + 1).filter((each) => each === at).length,
    }));
  }

  clearCalls(): void {
    this.#calls = [];
  }

  add(request: ProviderFaultRequest): { readonly strikes: number } {
    const entry = { request, seen: 0, strikes: 0 };
    this.#entries.push(entry);
    return entry;
  }

  clear(): void {
    this.#entries = [];
  }

  /** Does a provider's work as the plan has it. */
  async around<Value>(at: string, options: CallOptions, asked: () => Value): Promise<Value> {
    const { signal } = options;
    const work = (): Value => {
      if (!reading.test(at)) this.leaders.admit(options);
      return asked();
    };
    this.#calls.push(at);
    if (signal?.aborted) throw new ComputeError('ABORTED', { operation: at });
    const fault = this.#strike(at);
    if (fault === undefined) return work();
    if (fault.type === 'delay') {
      await this.#clock.sleep(fault.delayMs, signal ? { signal } : {});
      return work();
    }
    if (fault.type === 'lose-answer') {
      work();
      throw new ComputeError('STORE_UNAVAILABLE', {}, { effect: 'unknown' });
    }
    if (fault.type === 'meet') {
      if (fault.when === 'before') await fault.meet();
      const value = work();
      if (fault.when === 'after') await fault.meet();
      return value;
    }
    if (fault.when === 'after') work();
    if (fault.type === 'throw') throw fault.error;
    if (fault.type === 'die') fault.die();
    return await untilAborted(fault.type === 'hang' && fault.until === 'abort' ? signal : undefined);
  }

  #strike(at: string): ProviderFault | undefined {
    let struck: Entry | undefined;
    for (const entry of this.#entries.filter(({ request }) => request.at === at)) {
      entry.seen++;
      const { nth = 1, times = 1 } = entry.request;
      const isDue = entry.seen >= nth && (times === 'always' || entry.seen < nth + times);
      if (isDue) struck ??= entry;
    }
    if (struck) struck.strikes++;
    return struck?.request.fault;
  }
}

/** Hangs until the signal is aborted; without one for ever. */
export async function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return await new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

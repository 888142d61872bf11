import type {
  CallOptions,
  Clock,
  ExpectedEvents,
  ExternalEvent,
  ExternalEventInbox,
  ExternalEventKey,
} from '../driver/index.js';

/** How long an event nobody waits for is kept, in milliseconds: a network may be quicker than the driver that asks it. */
const RETAINED_MS = 60_000;
/** Enough for every interface of a large guest; beyond it the oldest goes. */
const RETAINED_COUNT_MAX = 64;

interface Retained {
  readonly event: ExternalEvent;
  readonly untilMs: number;
}

interface Waiter {
  /** Whether it waited for the event. */
  readonly take: (event: ExternalEvent) => boolean;
  readonly giveUp: () => void;
}

/**
 * Where other services tell what happened to an instance's belongings, and where a driver waits for it. An event that
 * comes before its waiter is kept for a while, so that it is not lost.
 */
export class ComputeEventInbox implements ExternalEventInbox {
  readonly #clock: Clock;
  readonly #waiters = new Map<string, Set<Waiter>>();
  readonly #retained = new Map<string, Retained[]>();
  #closed = false;

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  /** Hands an event to those who wait for it, or keeps it. One of status `in-progress` is news to nobody. */
  deliver(event: ExternalEvent): void {
    if (event.status === 'in-progress' || this.#closed) return;
    const waiters = [...(this.#waiters.get(event.instanceUuid) ?? [])];
    const isWaitedFor = waiters.filter(({ take }) => take(event)).length > 0;
    if (!isWaitedFor) this.#retain(event);
  }

  /** What is kept for an instance is of no more use: there is no such instance. */
  forget(instanceUuid: string): void {
    this.#retained.delete(instanceUuid);
  }

  /** Whoever waits, and whoever comes to wait, is told that what has not come has failed. */
  close(): void {
    this.#closed = true;
    this.#retained.clear();
    for (const waiters of this.#waiters.values()) for (const { giveUp } of waiters) giveUp();
  }

  expect(instanceUuid: string, keys: readonly ExternalEventKey[]): ExpectedEvents {
    const wanted = new Set(keys.map(keyOf));
    const come = new Map<string, ExternalEvent>();
    const allCome = Promise.withResolvers<void>();
    const take = (event: ExternalEvent): boolean => {
      const isWanted = wanted.has(keyOf(event));
      if (isWanted) come.set(keyOf(event), event);
      if (come.size === wanted.size) allCome.resolve();
      return isWanted;
    };
    const giveUp = (): void => {
      for (const { name, tag } of keys) {
        if (!come.has(keyOf({ name, tag }))) take({ name, tag, instanceUuid, status: 'failed' });
      }
    };
    for (const event of this.#takeRetained(instanceUuid, wanted)) take(event);
    if (wanted.size === 0) allCome.resolve();
    if (this.#closed) giveUp();
    const waiter = { take, giveUp };
    const waiters = this.#waiters.get(instanceUuid) ?? new Set<Waiter>();
    this.#waiters.set(instanceUuid, waiters.add(waiter));

    return {
      arrive: async (timeoutMs: number, { signal }: CallOptions = {}) => {
        const over = new AbortController();
        const stop = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
        const timeout = this.#clock.sleep(timeoutMs, { signal: stop }).then(() => 'timeout' as const);
        try {
          const first = await Promise.race([allCome.promise, timeout]);
          return first === 'timeout' ? first : keys.flatMap((key) => come.get(keyOf(key)) ?? []);
        } finally {
          timeout.catch(() => undefined);
          over.abort();
        }
      },
      [Symbol.dispose]: () => {
        waiters.delete(waiter);
        if (waiters.size === 0 && this.#waiters.get(instanceUuid) === waiters) this.#waiters.delete(instanceUuid);
      },
    };
  }

  #retain(event: ExternalEvent): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [instanceUuid, kept] of this.#retained) {
      if (kept.every(({ untilMs }) => untilMs <= nowMs)) this.#retained.delete(instanceUuid);
    }
    const kept = this.#retained.get(event.instanceUuid) ?? [];
    kept.push({ event, untilMs: nowMs + RETAINED_MS });
    this.#retained.set(event.instanceUuid, kept.slice(-RETAINED_COUNT_MAX));
  }

  #takeRetained(instanceUuid: string, wanted: ReadonlySet<string>): readonly ExternalEvent[] {
    const kept = this.#retained.get(instanceUuid) ?? [];
    const nowMs = this.#clock.monotonicMs();
    const left = kept.filter(({ event }) => !wanted.has(keyOf(event)));
    if (left.length > 0) this.#retained.set(instanceUuid, left);
    else this.#retained.delete(instanceUuid);
    return kept.filter(({ event, untilMs }) => wanted.has(keyOf(event)) && untilMs > nowMs).map(({ event }) => event);
  }
}

function keyOf({ name, tag }: ExternalEventKey): string {
  return `${name} ${tag}`;
}

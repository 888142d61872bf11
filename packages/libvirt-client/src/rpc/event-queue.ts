import { Deferred } from './deferred.js';

/** What a subscriber gets. After `resync` events may be missing: look at everything anew, then go on with events. */
export type EventDelivery<Event> =
  | { readonly kind: 'event'; readonly event: Event }
  | { readonly kind: 'resync'; readonly reason: 'reconnected' | 'overflow' };

/** Where a connection puts the events of one subscriber. Its methods return at once. */
export interface EventSink {
  push(event: unknown): void;
  resync(reason: 'reconnected' | 'overflow'): void;
  /** The connection is gone. */
  end(error?: Error): void;
}

const COUNT_MAX = 10_000;

/**
 * Keeps events between the socket and a subscriber that takes them at its own pace.
 *
 * When `countMax` of them wait, all are dropped and one `resync` takes their place: a subscriber that is so far behind
 * is better served by one look at the present than by a long past with a hole in it.
 */
export class EventQueue<Event> {
  readonly #countMax: number;
  readonly #takers: Deferred<IteratorResult<EventDelivery<Event>, undefined>>[] = [];
  #deliveries: EventDelivery<Event>[] = [];
  #end: { readonly error?: Error } | undefined;

  constructor(countMax = COUNT_MAX) {
    this.#countMax = countMax;
  }

  push(event: Event): void {
    if (this.#deliveries.length >= this.#countMax) return this.resync('overflow');
    this.#deliver({ kind: 'event', event });
  }

  resync(reason: 'reconnected' | 'overflow'): void {
    this.#deliveries = [];
    this.#deliver({ kind: 'resync', reason });
  }

  /** No more deliveries come. Those that wait are still taken; then the iteration ends, or throws `error`, once. */
  end(error?: Error): void {
    if (this.#end !== undefined) return;
    this.#end = error === undefined ? {} : { error };
    for (const taker of this.#takers.splice(0)) this.#settleAtEnd(taker);
  }

  take(): Promise<IteratorResult<EventDelivery<Event>, undefined>> {
    const delivery = this.#deliveries.shift();
    if (delivery !== undefined) return Promise.resolve({ done: false, value: delivery });
    const taker = new Deferred<IteratorResult<EventDelivery<Event>, undefined>>();
    if (this.#end !== undefined) this.#settleAtEnd(taker);
    else this.#takers.push(taker);
    return taker.promise;
  }

  #deliver(delivery: EventDelivery<Event>): void {
    if (this.#end !== undefined) return;
    const taker = this.#takers.shift();
    if (taker === undefined) this.#deliveries.push(delivery);
    else taker.resolve({ done: false, value: delivery });
  }

  #settleAtEnd(taker: Deferred<IteratorResult<EventDelivery<Event>, undefined>>): void {
    const error = this.#end?.error;
    this.#end = {};
    if (error === undefined) taker.resolve({ done: true, value: undefined });
    else taker.reject(error);
  }
}

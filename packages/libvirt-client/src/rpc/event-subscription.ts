import type { EventDelivery, EventQueue } from './event-queue.js';

export interface EventOptions {
  /** How many events may wait to be taken; then a `resync` takes their place. Default 10,000. */
  readonly queueMax?: number;
  readonly signal?: AbortSignal;
}

/**
 * Events, one after another, for one taker: `for await (const delivery of subscription)`. Leaving the loop closes the
 * subscription. Nothing of the taker runs while the socket is read.
 */
export class EventSubscription<Event> implements AsyncIterable<EventDelivery<Event>>, AsyncDisposable {
  readonly #queue: EventQueue<Event>;
  readonly #unsubscribe: () => Promise<void>;
  #closing: Promise<void> | undefined;

  constructor(queue: EventQueue<Event>, unsubscribe: () => Promise<void>) {
    this.#queue = queue;
    this.#unsubscribe = unsubscribe;
  }

  /** The daemon sends no more of these events, and the iteration ends. Idempotent; never rejects. */
  close(): Promise<void> {
    this.#queue.end();
    this.#closing ??= this.#unsubscribe();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  [Symbol.asyncIterator](): AsyncIterator<EventDelivery<Event>, undefined> {
    return {
      next: () => this.#queue.take(),
      return: async () => {
        await this.close();
        return { done: true, value: undefined };
      },
    };
  }
}

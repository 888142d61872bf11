import type { EventSource } from '../events/event-source.js';
import { EventQueue, type EventSink } from '../rpc/event-queue.js';
import { LibvirtError } from '../errors/libvirt-error.js';
import { EventSubscription, type EventOptions } from '../rpc/event-subscription.js';
import type { RpcLink } from '../rpc/rpc-link.js';

interface Subscribed {
  readonly source: EventSource;
  readonly sink: EventSink;
  /** Ends the registration on the present connection. */
  unsubscribe: () => Promise<void>;
}

/** Subscriptions that outlive the connections they are registered on. */
export class ClientSubscriptions {
  readonly #all = new Set<Subscribed>();

  async add<Event>(
    connection: RpcLink,
    source: EventSource,
    { queueMax, signal }: EventOptions,
  ): Promise<EventSubscription<Event>> {
    const queue = new EventQueue<Event>(queueMax);
    const unsubscribe = await connection.subscribe(source, withoutEnd(queue), signal);
    const subscribed: Subscribed = { source, sink: queue, unsubscribe };
    this.#all.add(subscribed);
    return new EventSubscription(queue, async () => {
      this.#all.delete(subscribed);
      await subscribed.unsubscribe();
    });
  }

  /** Registers all of them on a new connection, and tells their takers that events may be missing. */
  async restore(connection: RpcLink): Promise<void> {
    await Promise.all([...this.#all].map((subscribed) => this.#restore(connection, subscribed)));
  }

  end(): void {
    for (const { sink } of this.#all) sink.end();
    this.#all.clear();
  }

  async #restore(connection: RpcLink, subscribed: Subscribed): Promise<void> {
    const { source, sink } = subscribed;
    try {
      subscribed.unsubscribe = await connection.subscribe(source, withoutEnd(sink));
      sink.resync('reconnected');
    } catch (error) {
      // What the new daemon refuses ends that subscription; anything else means that the connection is gone again.
      if (!LibvirtError.is(error)) throw error;
      this.#all.delete(subscribed);
      sink.end(error);
    }
  }
}

/** The end of a connection is not the end of a subscription. */
function withoutEnd(sink: EventSink): EventSink {
  return { push: (event) => sink.push(event), resync: (reason) => sink.resync(reason), end: () => undefined };
}

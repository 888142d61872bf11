import type { SubscribeOptions } from '../connection.js';
import type { DomainEvent, DomainEventName } from '../rpc/domain-events.js';
import { EventQueue, type EventSink } from '../rpc/event-queue.js';
import { LibvirtError } from '../errors/libvirt-error.js';
import { EventSubscription } from '../rpc/event-subscription.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';

interface Subscribed {
  readonly event: DomainEventName;
  readonly options: Pick<SubscribeOptions, 'domain'>;
  readonly sink: EventSink;
  /** Ends the registration on the present connection. */
  unsubscribe: () => Promise<void>;
}

/** Subscriptions that outlive the connections they are registered on. */
export class ClientSubscriptions {
  readonly #all = new Set<Subscribed>();

  async add<Name extends DomainEventName>(
    connection: RpcConnection,
    event: Name,
    { domain, queueMax, signal }: SubscribeOptions,
  ): Promise<EventSubscription<DomainEvent<Name>>> {
    const queue = new EventQueue<DomainEvent<Name>>(queueMax);
    const options = domain === undefined ? {} : { domain };
    const abortable = signal === undefined ? options : { ...options, signal };
    const unsubscribe = await connection.subscribe(event, withoutEnd(queue), abortable);
    const subscribed: Subscribed = { event, options, sink: queue, unsubscribe };
    this.#all.add(subscribed);
    return new EventSubscription(queue, async () => {
      this.#all.delete(subscribed);
      await subscribed.unsubscribe();
    });
  }

  /** Registers all of them on a new connection, and tells their takers that events may be missing. */
  async restore(connection: RpcConnection): Promise<void> {
    await Promise.all([...this.#all].map((subscribed) => this.#restore(connection, subscribed)));
  }

  end(): void {
    for (const { sink } of this.#all) sink.end();
    this.#all.clear();
  }

  async #restore(connection: RpcConnection, subscribed: Subscribed): Promise<void> {
    const { event, options, sink } = subscribed;
    try {
      subscribed.unsubscribe = await connection.subscribe(event, withoutEnd(sink), options);
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

import type { Connection } from '../connection.js';
import * as remote from '../procedures/remote.gen.js';
import type { EventMessage } from '../procedures/procedure.js';
import type { RemoteDomain } from '../procedures/structs.gen.js';
import type { Packet } from '../wire/packet.js';
import { XdrReader } from '../wire/xdr-reader.js';
import { domainEvents, type DomainEventName } from './domain-events.js';
import type { EventSink } from './event-queue.js';

const UNCLAIMED_MAX = 1024;

const messages: ReadonlyMap<number, EventMessage<EventPayload>> = new Map(
  Object.values(domainEvents).map(({ message }) => [message.number, message]),
);

interface EventPayload {
  readonly callbackID: number;
  readonly msg?: object;
}

/** What the daemon knows of: one for all subscribers to the same, because it refuses a second of the kind. */
interface Registration {
  readonly sinks: Set<EventSink>;
  /** Resolves to the callback id. */
  readonly registered: Promise<number>;
}

interface Unclaimed {
  readonly key: string;
  readonly event: unknown;
}

/**
 * The event registrations of one connection, and the way from an event to its subscribers.
 *
 * An event names its registration by a callback id which the daemon chooses and tells in the reply to the registration.
 * An event may overtake that reply: while registrations are under way, events of unknown ids are kept.
 */
export class EventRegistry {
  readonly #connection: Connection;
  /** By event and domain. */
  readonly #registrations = new Map<string, Registration>();
  /** By message and callback id. */
  readonly #claimed = new Map<string, Set<EventSink>>();
  /** Deregistrations under way, by event and domain: only after them may the same be registered anew. */
  readonly #leaving = new Map<string, Promise<void>>();
  #registering = 0;
  #unclaimed: Unclaimed[] = [];
  #unclaimedLost = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Delivers events to `sink` from now on. Resolves to what ends that; it is idempotent and never rejects. */
  async subscribe(event: DomainEventName, domain: RemoteDomain | null, sink: EventSink): Promise<() => Promise<void>> {
    const key = `${event} ${domain?.uuid ?? 'of all'}`;
    const existing = this.#registrations.get(key);
    const sinks = existing?.sinks ?? new Set<EventSink>();
    sinks.add(sink);
    const registration = existing ?? { sinks, registered: this.#register(key, event, domain, sinks) };
    this.#registrations.set(key, registration);
    try {
      await registration.registered;
    } catch (error) {
      if (this.#registrations.get(key) === registration) this.#registrations.delete(key);
      throw error;
    }
    return () => this.#leave(key, event, registration, sink);
  }

  /** @throws ProtocolError when the event is not what its message says */
  dispatch(packet: Packet): void {
    // Events of other objects, and those without callback ids, were never asked for.
    if (packet.program !== remote.remote.number) return;
    const message = messages.get(packet.procedure);
    if (message === undefined) return;
    const reader = new XdrReader(packet.payload);
    const { callbackID, msg, ...rest } = message.payload.read(reader);
    reader.end();
    const key = claimKey(message, callbackID);
    const event = { ...rest, ...msg };
    const sinks = this.#claimed.get(key);
    if (sinks !== undefined) for (const sink of sinks) sink.push(event);
    else if (this.#registering > 0) this.#keep({ key, event });
  }

  /** The connection is gone, and every registration with it. */
  end(error: Error | undefined): void {
    for (const { sinks } of this.#registrations.values()) for (const sink of sinks) sink.end(error);
    this.#registrations.clear();
    this.#claimed.clear();
    this.#unclaimed = [];
  }

  async #register(
    key: string,
    event: DomainEventName,
    domain: RemoteDomain | null,
    sinks: Set<EventSink>,
  ): Promise<number> {
    const { id, message } = domainEvents[event];
    await this.#leaving.get(key);
    this.#registering++;
    try {
      const args = { eventID: id, dom: domain };
      // Never aborted: only the reply tells the id with which the registration can be ended again.
      const { callbackID } = await this.#connection.call(remote.connectDomainEventCallbackRegisterAny, args);
      this.#claim(claimKey(message, callbackID), sinks);
      return callbackID;
    } finally {
      this.#registering--;
      if (this.#registering === 0) this.#forgetUnclaimed();
    }
  }

  #claim(key: string, sinks: Set<EventSink>): void {
    this.#claimed.set(key, sinks);
    for (const sink of sinks) {
      if (this.#unclaimedLost) sink.resync('overflow');
      for (const early of this.#unclaimed) if (early.key === key) sink.push(early.event);
    }
    this.#unclaimed = this.#unclaimed.filter((early) => early.key !== key);
  }

  async #leave(key: string, event: DomainEventName, registration: Registration, sink: EventSink): Promise<void> {
    registration.sinks.delete(sink);
    if (registration.sinks.size > 0 || this.#registrations.get(key) !== registration) return;
    this.#registrations.delete(key);
    const callbackID = await registration.registered;
    this.#claimed.delete(claimKey(domainEvents[event].message, callbackID));
    const leaving = this.#deregister(callbackID);
    this.#leaving.set(key, leaving);
    await leaving;
    if (this.#leaving.get(key) === leaving) this.#leaving.delete(key);
  }

  /** Fails only without a connection, or when the daemon knows nothing of it; in both cases it is gone. */
  async #deregister(callbackID: number): Promise<void> {
    await this.#connection.call(remote.connectDomainEventCallbackDeregisterAny, { callbackID }).catch(() => undefined);
  }

  #keep(early: Unclaimed): void {
    if (this.#unclaimed.length < UNCLAIMED_MAX) this.#unclaimed.push(early);
    else this.#unclaimedLost = true;
  }

  #forgetUnclaimed(): void {
    this.#unclaimed = [];
    this.#unclaimedLost = false;
  }
}

// Domains, networks and pools count their callbacks apart, so the id alone is not enough.
function claimKey(message: EventMessage<never> | EventMessage<EventPayload>, callbackID: number): string {
  return `${message.number}:${callbackID}`;
}

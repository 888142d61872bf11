import { eventMessages, messageKey } from '../events/event-messages.js';
import { eventOf, type EventSource } from '../events/event-source.js';
import type { ProcedureCaller } from '../procedures/procedure-caller.js';
import type { Packet } from '../wire/packet.js';
import { XdrReader } from '../wire/xdr-reader.js';
import type { EventSink } from './event-queue.js';

const UNCLAIMED_MAX = 1024;

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
  readonly #caller: ProcedureCaller;
  /** By the key of the source. */
  readonly #registrations = new Map<string, Registration>();
  /** By message and callback id. */
  readonly #claimed = new Map<string, Set<EventSink>>();
  /** Deregistrations under way, by the key of the source: only after them may the same be registered anew. */
  readonly #leaving = new Map<string, Promise<void>>();
  #registering = 0;
  #unclaimed: Unclaimed[] = [];
  #unclaimedLost = false;

  constructor(caller: ProcedureCaller) {
    this.#caller = caller;
  }

  /** Delivers events to `sink` from now on. Resolves to what ends that; it is idempotent and never rejects. */
  async subscribe(source: EventSource, sink: EventSink): Promise<() => Promise<void>> {
    const { key } = source;
    const existing = this.#registrations.get(key);
    const sinks = existing?.sinks ?? new Set<EventSink>();
    sinks.add(sink);
    const registration = existing ?? { sinks, registered: this.#register(source, sinks) };
    this.#registrations.set(key, registration);
    try {
      await registration.registered;
    } catch (error) {
      if (this.#registrations.get(key) === registration) this.#registrations.delete(key);
      throw error;
    }
    return () => this.#leave(source, registration, sink);
  }

  /** @throws ProtocolError when the event is not what its message says */
  dispatch(packet: Packet): void {
    // Events without callback ids were never asked for.
    const message = eventMessages.get(messageKey(packet.program, packet.procedure));
    if (message === undefined) return;
    const reader = new XdrReader(packet.payload);
    const { callbackID, ...payload } = message.payload.read(reader);
    reader.end();
    const key = claimKey(message, callbackID);
    const event = eventOf(payload);
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

  async #register(source: EventSource, sinks: Set<EventSink>): Promise<number> {
    await this.#leaving.get(source.key);
    this.#registering++;
    try {
      // Never aborted: only the reply tells the id with which the registration can be ended again.
      const { callbackID } = await source.register(this.#caller);
      this.#claim(claimKey(source.message, callbackID), sinks);
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

  async #leave(source: EventSource, registration: Registration, sink: EventSink): Promise<void> {
    const { key } = source;
    registration.sinks.delete(sink);
    if (registration.sinks.size > 0 || this.#registrations.get(key) !== registration) return;
    this.#registrations.delete(key);
    const callbackID = await registration.registered;
    this.#claimed.delete(claimKey(source.message, callbackID));
    const leaving = this.#deregister(source, callbackID);
    this.#leaving.set(key, leaving);
    await leaving;
    if (this.#leaving.get(key) === leaving) this.#leaving.delete(key);
  }

  /** Fails only without a connection, or when the daemon knows nothing of it; in both cases it is gone. */
  async #deregister(source: EventSource, callbackID: number): Promise<void> {
    await source.deregister(this.#caller, callbackID).catch(() => undefined);
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
function claimKey(message: EventSource['message'], callbackID: number): string {
  return `${messageKey(message.program.number, message.number)}:${callbackID}`;
}

import { LibvirtAbortError } from '../errors/call-errors.js';
import { LibvirtConnectionError, type ConnectionErrorReason } from '../errors/libvirt-connection-error.js';
import type { EventSource } from '../events/event-source.js';
import type { AnyProcedure, Procedure } from '../procedures/procedure.js';
import * as remote from '../procedures/remote.gen.js';
import { dialerFor } from '../transport/dialer-for.js';
import { parseLibvirtUri } from '../transport/libvirt-uri.js';
import { unixDialer } from '../transport/socket-dialer.js';
import type { Transport } from '../transport/transport.js';
import { LibvirtArgumentError } from '../wire/libvirt-argument-error.js';
import { PacketReader } from '../wire/packet-reader.js';
import { PacketType, type Packet } from '../wire/packet.js';
import { ProtocolError } from '../wire/protocol-error.js';
import type { CallOptions } from '../procedures/call-options.js';
import { CallTable } from './call-table.js';
import { EventQueue, type EventSink } from './event-queue.js';
import { EventRegistry } from './event-registry.js';
import { EventSubscription, type EventOptions } from './event-subscription.js';
import { Keepalive } from './keepalive.js';
import { LibvirtStream } from './libvirt-stream.js';
import { openSession } from './open-session.js';
import { Outbox } from './outbox.js';
import { PendingCall, type CallSettlement } from './pending-call.js';
import { readReply } from './read-reply.js';
import { requirePositive, type ConnectionEnd, type RpcConnectionOptions } from './rpc-connection-options.js';
import { streamContentOf } from './stream-content.js';
import { sessionOptions } from './session-options.js';
import { StreamTable } from './stream-table.js';

const CLOSE_TIMEOUT_MS = 1_000;

/**
 * One socket to the daemon. Calls go side by side and are answered in any order: the daemon works on them at the same
 * time, so await one before the other when their order matters. Never reconnects.
 */
export class RpcLink {
  readonly #outbox = new Outbox((bytes) => this.#transport?.write(bytes));
  readonly #packets = new PacketReader();
  readonly #events = new EventRegistry(this);
  readonly #streams = new StreamTable(this.#outbox, () => this.#transport);
  readonly #calls: CallTable;
  readonly #keepalive: Keepalive;
  readonly #closed: Promise<ConnectionEnd>;
  #resolveClosed!: (end: ConnectionEnd) => void;
  #transport: Transport | undefined;
  /** Set as soon as calls are refused. While the goodbye is said the socket is still read. */
  #end: LibvirtConnectionError | undefined;
  #hungUp = false;
  #closing: Promise<void> | undefined;

  /** Connects, authenticates and opens. Rejects with a `LibvirtConnectionError`, or the daemon's `LibvirtError`. */
  static async open(options: RpcConnectionOptions = {}): Promise<RpcLink> {
    const connection = new RpcLink(options);
    const timeoutMs = options.connectTimeoutMs ?? 10_000;
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
    try {
      await connection.#connect(options, signal);
      return connection;
    } catch (error) {
      connection.#hangUp('closed', 'connecting was given up');
      if (options.signal?.aborted) throw new LibvirtAbortError('connect', options.signal.reason, false);
      if (!timeout.aborted) throw error;
      const text = `no connection to libvirt within ${timeoutMs} ms`;
      throw new LibvirtConnectionError(text, { reason: 'timeout', sent: false }, { cause: error });
    }
  }

  private constructor(options: RpcConnectionOptions) {
    const limits = {
      window: requirePositive('window', options.window ?? 4),
      priorityWindow: requirePositive('priorityWindow', options.priorityWindow ?? 4),
      quickWindow: requirePositive('quickWindow', options.quickWindow ?? options.window ?? 64),
      queueMax: requirePositive('queueMax', options.queueMax ?? 10_000),
    };
    this.#calls = new CallTable(limits, this.#outbox, (serial) => this.#streams.has(serial));
    this.#keepalive = new Keepalive(
      options.keepalive === 'off' ? {} : (options.keepalive ?? {}),
      (header) => this.#outbox.add(header, () => undefined),
      (silenceMs) => this.#hangUp('silent', `libvirt's daemon gave no sign of life for ${silenceMs} ms`),
    );
    this.#closed = new Promise((resolve) => (this.#resolveClosed = resolve));
  }

  /** Resolves when the connection has ended, for whatever reason. Never rejects. */
  get closed(): Promise<ConnectionEnd> {
    return this.#closed;
  }

  /** Calls of low priority that are with the daemon or wait. */
  get load(): number {
    return this.#calls.lanes.common.size;
  }

  call<Arguments, Result>(
    procedure: Procedure<Arguments, Result>,
    args: NoInfer<Arguments>,
    options: CallOptions = {},
  ): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.start(procedure, args, options, { resolve: resolve, reject });
    });
  }

  async openStream<Arguments, Reply>(
    procedure: Procedure<Arguments, Reply>,
    args: NoInfer<Arguments>,
    options: CallOptions = {},
  ): Promise<LibvirtStream<Reply>> {
    if (procedure.stream === undefined) throw new LibvirtArgumentError(`${procedure.name} opens no stream`);
    const stream = new LibvirtStream<Reply>(this.#streams, streamContentOf(procedure, args));
    await new Promise<unknown>((resolve, reject) => {
      this.#begin(procedure, args, options, { resolve, reject }, stream);
    });
    return stream;
  }

  async eventSubscribe<Event>(source: EventSource, options: EventOptions = {}): Promise<EventSubscription<Event>> {
    const queue = new EventQueue<Event>(options.queueMax);
    const unsubscribe = await this.subscribe(source, queue, options.signal);
    return new EventSubscription(queue, unsubscribe);
  }

  close(): Promise<void> {
    this.#closing ??= this.#sayGoodbye();
    return this.#closing;
  }

  /** As `call`, and it tells when the daemon is done with the call, which an abort does not change. */
  start(procedure: AnyProcedure, args: unknown, options: CallOptions, settlement: CallSettlement): void {
    if (procedure.stream === undefined) return void this.#begin(procedure, args, options, settlement, undefined);
    settlement.reject(new LibvirtArgumentError(`${procedure.name} opens a stream: use openStream`));
    settlement.released?.();
  }

  /** Delivers events to a sink. Resolves to what ends that; it is idempotent and never rejects. */
  async subscribe(source: EventSource, sink: EventSink, signal?: AbortSignal): Promise<() => Promise<void>> {
    if (signal?.aborted) throw new LibvirtAbortError(source.key, signal.reason, false);
    return this.#events.subscribe(source, sink);
  }

  async #connect(options: RpcConnectionOptions, signal: AbortSignal): Promise<void> {
    const address = parseLibvirtUri(options.uri ?? 'qemu:///system', options.access ?? 'read-write');
    const dial = options.dial ?? (options.socketPath ? unixDialer(options.socketPath) : dialerFor(address));
    const listener = {
      received: (chunk: Buffer) => this.#receive(chunk),
      drained: () => this.#streams.drained(),
      ended: (error: Error | undefined) => this.#hangUpAfter(error),
    };
    const transport = await dial(listener, { signal });
    this.#transport = transport;
    const session = sessionOptions(address, options, transport.protection);
    try {
      const { keepalive } = await openSession(this, session, { signal });
      if (keepalive === 'on' && !this.#hungUp) this.#keepalive.start();
    } catch (error) {
      // Nobody has called anything yet, so it is the end that matters and not which question it has cut off.
      throw this.#hungUp && error instanceof LibvirtConnectionError && this.#end ? this.#end : error;
    }
  }

  #begin(
    procedure: AnyProcedure,
    args: unknown,
    options: CallOptions,
    settlement: CallSettlement,
    stream: LibvirtStream | undefined,
  ): PendingCall | undefined {
    const refusal = this.#refusal(procedure, options.signal);
    if (refusal !== undefined) {
      settlement.reject(refusal);
      settlement.released?.();
      return undefined;
    }
    const lane = this.#calls.lanes.laneOf(procedure);
    const call = new PendingCall({ procedure, args, lane, stream }, options, settlement);
    lane.add(call);
    return call;
  }

  #refusal(procedure: AnyProcedure, signal: AbortSignal | undefined): Error | undefined {
    if (signal?.aborted) return new LibvirtAbortError(procedure.name, signal.reason, false);
    if (this.#end !== undefined) return this.#end.forCall(procedure.name, false);
    if (procedure.carriesFiles === undefined) return undefined;
    return new LibvirtArgumentError(`${procedure.name} sends file descriptors, which Node.js cannot`);
  }

  #receive(chunk: Buffer): void {
    if (this.#hungUp) return;
    this.#keepalive.heard();
    try {
      this.#packets.push(chunk, this.#accept);
    } catch (error) {
      const problem = error instanceof Error ? error : new Error(String(error));
      this.#hangUp('protocol', `libvirt's daemon sent what is no libvirt protocol: ${problem.message}`, problem);
    }
  }

  readonly #accept = (packet: Packet): void => {
    if (this.#hungUp || this.#keepalive.answer(packet)) return;
    switch (packet.type) {
      case PacketType.REPLY:
        return this.#acceptReply(packet);
      case PacketType.EVENT:
        return this.#events.dispatch(packet);
      case PacketType.STREAM:
        this.#openEarly(packet.serial);
        return this.#streams.receive(packet);
      case PacketType.STREAM_HOLE:
        this.#openEarly(packet.serial);
        return this.#streams.receiveHole(packet);
      default:
        throw new ProtocolError(`a packet of type ${packet.type}, which was not asked for`);
    }
  };

  #acceptReply(packet: Packet): void {
    const call = this.#calls.answeredBy(packet);
    const reply = readReply(packet, call.procedure);
    if ('error' in reply) {
      call.reject(reply.error);
      call.stream?.end(reply.error);
    } else {
      if (call.stream !== undefined) this.#openStream(call, call.stream, packet.serial);
      call.stream?.opened(reply.result);
      call.resolve(reply.result);
    }
    this.#calls.done(call);
  }

  #openStream(call: PendingCall, stream: LibvirtStream, serial: number): void {
    this.#streams.open(stream, serial, call.procedure);
    // Its caller has given up waiting: nobody else would end it. It never rejects.
    if (!call.awaited) void stream.abort();
  }

  /** The first data may overtake the reply: one thread of the daemon reads the data while another writes the reply. */
  #openEarly(serial: number): void {
    const call = this.#calls.awaiting(serial);
    if (call?.stream !== undefined) this.#streams.open(call.stream, serial, call.procedure);
  }

  /** The daemon answers a goodbye and hangs up. If it does not, we do. */
  async #sayGoodbye(): Promise<void> {
    if (this.#end !== undefined) return;
    const goodbye = new Promise<unknown>((resolve) => {
      const options = { timeoutMs: CLOSE_TIMEOUT_MS };
      const call = this.#begin(remote.connectClose, {}, options, { resolve, reject: resolve }, undefined);
      this.#stop(new LibvirtConnectionError('the connection was closed', { reason: 'closed', sent: false }), call);
    });
    await goodbye;
    this.#hangUp('closed', 'the connection was closed');
  }

  /** Fails what is pending, and refuses what comes. */
  #stop(end: LibvirtConnectionError, spared?: PendingCall): void {
    this.#end ??= end;
    this.#calls.fail(this.#end, spared);
    this.#streams.end(this.#end);
    this.#events.end(this.#end.reason === 'closed' ? undefined : this.#end);
  }

  #hangUpAfter(error: Error | undefined): void {
    if (error instanceof LibvirtConnectionError) return this.#hangUp(error.reason, error.message, error);
    const cutOff = this.#packets.pendingBytes > 0 ? ' in the middle of a packet' : '';
    const why = error === undefined ? `libvirt's daemon has hung up${cutOff}` : `the socket failed: ${error.message}`;
    this.#hangUp('lost', why, error);
  }

  #hangUp(reason: ConnectionErrorReason, message: string, cause?: Error): void {
    if (this.#hungUp) return;
    this.#hungUp = true;
    this.#keepalive.stop();
    this.#transport?.destroy();
    this.#stop(new LibvirtConnectionError(message, { reason, sent: false }, { cause }));
    this.#calls.clear();
    const end = this.#end as LibvirtConnectionError;
    this.#resolveClosed(end.reason === 'closed' ? { reason: 'closed' } : { reason: end.reason, error: end });
  }
}

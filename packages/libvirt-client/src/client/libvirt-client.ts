import { Connection, type EventOptions } from '../connection.js';
import { LibvirtAbortError, LibvirtQueueFullError } from '../errors/call-errors.js';
import type { EventSource } from '../events/event-source.js';
import type { AnyProcedure, Procedure } from '../procedures/procedure.js';
import type { CallOptions } from '../rpc/call-options.js';
import type { EventSubscription } from '../rpc/event-subscription.js';
import type { LibvirtStream } from '../rpc/libvirt-stream.js';
import { RpcConnection } from '../rpc/rpc-connection.js';
import { Deferred } from '../rpc/deferred.js';
import { requirePositive, type RpcConnectionOptions } from '../rpc/rpc-connection-options.js';
import { CallDeadline } from './call-deadline.js';
import { ClientSubscriptions } from './client-subscriptions.js';
import { agentUseOf } from './agent-calls.js';
import { DomainLines, type DomainLine } from './domain-lines.js';
import { Gate } from './gate.js';
import { ReconnectingConnection, type ClientState, type ReconnectOptions } from './reconnecting-connection.js';
import { slowProcedures } from './slow-procedures.js';
import { WorkPool } from './work-pool.js';

export interface LibvirtClientOptions extends RpcConnectionOptions {
  /** How many connections carry calls of low priority. Each is opened when the others are full. Default 4. */
  readonly workConnectionsMax?: number;
  /** How many calls that may take long (starts, saves, migrations) run at once. Default 8 of the daemon's 20 workers. */
  readonly slowCallsMax?: number;
  /** How many calls wait for agents in guests at once, one for each guest. Default 6: agents may never answer. */
  readonly agentCallsMax?: number;
  /** How many streams may be open, each on a connection of its own. Default 64. */
  readonly streamsMax?: number;
  /** The `timeoutMs` of calls that have none. Default: no limit. */
  readonly callTimeoutMs?: number;
  readonly reconnect?: ReconnectOptions;
  /**
   * Asked right before each call that changes something is sent, when it has waited in all its lines. When it rejects, the call rejects with
   * the same reason and is not sent. Aborted with the call.
   */
  readonly beforeChange?: (procedure: string, options: Pick<CallOptions, 'signal'>) => Promise<void>;
}

/**
 * A small pool of connections to one daemon that stays up while the daemon comes and goes.
 *
 * - One control connection has events, keepalive and calls of high priority; it is made anew in the background.
 * - Work connections have the calls of low priority, which may take long; each stream has one of its own.
 * - Changes of one domain are made one after another. Reads do not wait for them, nor do destroy and abortJob.
 * - Calls to the agent in a guest are made one after another, in a line of their own: an agent that never answers holds
 *   up neither changes of its domain nor other domains.
 * - Subscriptions go on over a reconnect and are told by a `resync` that events may be missing.
 *
 * A call is never made twice. While there is no connection, calls reject with a `LibvirtConnectionError` that was not
 * `sent`; to wait, use `whenConnected`.
 */
export class LibvirtClient extends Connection {
  readonly #options: LibvirtClientOptions;
  readonly #control: ReconnectingConnection;
  readonly #work: WorkPool;
  readonly #slow: Gate;
  readonly #agents: Gate;
  readonly #domains: DomainLines;
  readonly #subscriptions = new ClientSubscriptions();
  readonly #streams = new Set<RpcConnection>();
  readonly #streamsMax: number;
  #streamCount = 0;
  #changed = new Deferred<void>();
  #closing: Promise<void> | undefined;

  /**
   * Resolves when it is connected. Rejects as `RpcConnection.open` does when the first attempt fails. The `signal` ends
   * that attempt; it has no effect afterwards.
   */
  static async connect({ signal, ...options }: LibvirtClientOptions = {}): Promise<LibvirtClient> {
    if (signal?.aborted) throw new LibvirtAbortError('connect', signal.reason, false);
    const client = new LibvirtClient(options);
    const giveUp = (): void => void client.close();
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      await client.#control.start();
      return client;
    } catch (error) {
      await client.close();
      if (signal?.aborted) throw new LibvirtAbortError('connect', signal.reason, false);
      throw error;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  private constructor(options: LibvirtClientOptions) {
    super();
    this.#options = options;
    const queueMax = requirePositive('queueMax', options.queueMax ?? 10_000);
    const limits = {
      connectionsMax: requirePositive('workConnectionsMax', options.workConnectionsMax ?? 4),
      window: requirePositive('window', options.window ?? 4),
      queueMax,
    };
    this.#work = new WorkPool(limits, () => this.#open());
    this.#slow = new Gate(requirePositive('slowCallsMax', options.slowCallsMax ?? 8), queueMax);
    this.#agents = new Gate(requirePositive('agentCallsMax', options.agentCallsMax ?? 6), queueMax);
    this.#domains = new DomainLines(queueMax);
    this.#streamsMax = requirePositive('streamsMax', options.streamsMax ?? 64);
    const hooks = {
      open: (signal: AbortSignal) => this.#open(signal),
      prepare: (connection: RpcConnection) => this.#subscriptions.restore(connection),
      changed: () => this.#tellStateChange(),
    };
    this.#control = new ReconnectingConnection(hooks, options.reconnect ?? {});
  }

  /** Of the control connection. `disconnected`: it is being made anew. */
  get state(): ClientState {
    return this.#control.state;
  }

  /**
   * The state now, and then whenever it has changed. A taker that is slow sees the latest state only. Ends when the
   * client is closed or `signal` is aborted.
   */
  async *stateChanges(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<ClientState, void> {
    const deadline = new CallDeadline('stateChanges', options);
    let told: ClientState | undefined;
    while (told !== 'closed') {
      const changed = this.#changed.promise;
      if (this.state !== told) {
        told = this.state;
        yield told;
        continue;
      }
      const isOver = await deadline.limit(changed).then(
        () => false,
        () => true,
      );
      if (isOver) return;
    }
  }

  /** Resolves when the client is connected. Rejects when it is closed, the signal is aborted or the time is over. */
  async whenConnected(options: Pick<CallOptions, 'signal' | 'timeoutMs'> = {}): Promise<void> {
    const deadline = new CallDeadline('whenConnected', options);
    while (this.state === 'disconnected') await deadline.limit(this.#changed.promise);
    if (this.state === 'closed') await this.#control.get();
  }

  override async call<Arguments, Result>(
    procedure: Procedure<Arguments, Result>,
    args: NoInfer<Arguments>,
    options: CallOptions = {},
  ): Promise<Result> {
    const timeoutMs = options.timeoutMs ?? this.#options.callTimeoutMs;
    const limited = timeoutMs === undefined ? options : { ...options, timeoutMs };
    const line = this.#domains.lineOf(procedure, args, options.domainUuid);
    const { connection } = this.#control;
    // Nothing to wait for: the way of everything that polls.
    const isAsked = this.#options.beforeChange !== undefined && procedure.effect !== 'read';
    if (procedure.priority === 'high' && line === undefined && connection !== undefined && !isAsked) {
      return connection.call(procedure, args, limited);
    }
    return (await this.#callInTurn(procedure, args, limited, line)) as Result;
  }

  override async openStream<Arguments, Reply>(
    procedure: Procedure<Arguments, Reply>,
    args: NoInfer<Arguments>,
    options: CallOptions = {},
  ): Promise<LibvirtStream<Reply>> {
    if (this.#streamCount >= this.#streamsMax) throw new LibvirtQueueFullError(procedure.name, this.#streamsMax);
    this.#streamCount++;
    try {
      return await this.#openStreamAlone(procedure, args, new CallDeadline(procedure.name, options));
    } catch (error) {
      this.#streamCount--;
      throw error;
    }
  }

  override async eventSubscribe<Event>(
    source: EventSource,
    options: EventOptions = {},
  ): Promise<EventSubscription<Event>> {
    const { signal } = options;
    const deadline = new CallDeadline('eventSubscribe', signal === undefined ? {} : { signal });
    return this.#subscriptions.add(await deadline.limit(this.#control.get()), source, options);
  }

  override close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  /** A stream on a connection of its own, which ends with it. */
  async #openStreamAlone<Arguments, Reply>(
    procedure: Procedure<Arguments, Reply>,
    args: Arguments,
    deadline: CallDeadline,
  ): Promise<LibvirtStream<Reply>> {
    await deadline.limit(this.#control.get());
    // Without keepalive: a taker that does not take makes the connection fall silent, and that is no fault.
    const connection = await this.#open(deadline.signal, { keepalive: 'off' });
    this.#streams.add(connection);
    try {
      const stream = await connection.openStream(procedure, args, deadline.remaining());
      void stream.ended.then(() => this.#endStream(connection));
      return stream;
    } catch (error) {
      this.#streams.delete(connection);
      await connection.close();
      throw error;
    }
  }

  async #endStream(connection: RpcConnection): Promise<void> {
    this.#streamCount--;
    this.#streams.delete(connection);
    await connection.close();
  }

  /** Waits in every line the call belongs to, and keeps its places until the daemon is done with it. */
  async #callInTurn(
    procedure: AnyProcedure,
    args: unknown,
    options: CallOptions,
    line: DomainLine | undefined,
  ): Promise<unknown> {
    const deadline = new CallDeadline(procedure.name, options);
    const leaving: (() => void)[] = [];
    const leave = (): void => {
      for (const leaveOne of leaving.splice(0).reverse()) leaveOne();
    };
    try {
      deadline.throwIfOver();
      if (line !== undefined) leaving.push(await this.#domains.enter(line.key, deadline));
      const gate = this.#gateOf(procedure, args);
      if (gate !== undefined) {
        await gate.enter(deadline);
        leaving.push(() => gate.leave());
      }
      const connection = await this.#connectionFor(procedure, deadline, leaving);
      await this.#askBefore(procedure, deadline);
      deadline.throwIfOver();
      return await new Promise((resolve, reject) => {
        connection.start(procedure, args, deadline.remaining(), { resolve, reject, released: leave });
        if (line?.held === 'until sent') leaving.shift()?.();
      });
    } catch (error) {
      // A call that was sent leaves when the daemon is done with it, which may be long after its caller has given up.
      if (!wasSent(error)) leave();
      throw error;
    }
  }

  async #askBefore({ name, effect }: AnyProcedure, deadline: CallDeadline): Promise<void> {
    const { beforeChange } = this.#options;
    if (beforeChange === undefined || effect === 'read') return;
    const { signal } = deadline;
    await deadline.limit(beforeChange(name, signal === undefined ? {} : { signal }));
  }

  /** Agents may hold up calls for ever, and slow calls for long: neither may take all places of the others. */
  #gateOf(procedure: AnyProcedure, args: unknown): Gate | undefined {
    if (slowProcedures.has(procedure)) return this.#slow;
    return agentUseOf(procedure, args) === 'always' ? this.#agents : undefined;
  }

  async #connectionFor(
    procedure: AnyProcedure,
    deadline: CallDeadline,
    leaving: (() => void)[],
  ): Promise<RpcConnection> {
    if (procedure.priority === 'high') return deadline.limit(this.#control.get());
    const place = await this.#work.enter(deadline);
    leaving.push(() => place.leave());
    return place.connection;
  }

  #open(signal?: AbortSignal, more: RpcConnectionOptions = {}): Promise<RpcConnection> {
    const options = { ...this.#options, ...more };
    return RpcConnection.open(signal === undefined ? options : { ...options, signal });
  }

  async #closeAll(): Promise<void> {
    this.#subscriptions.end();
    const streams = [...this.#streams].map((connection) => connection.close());
    await Promise.all([this.#control.close(), this.#work.close(), ...streams]);
  }

  #tellStateChange(): void {
    const { resolve } = this.#changed;
    this.#changed = new Deferred();
    resolve();
  }
}

function wasSent(error: unknown): boolean {
  return error instanceof Error && 'sent' in error && error.sent === true;
}

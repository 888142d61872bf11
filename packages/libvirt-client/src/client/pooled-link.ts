import type { Link } from '../connection/link.js';
import { LibvirtAbortError, LibvirtQueueFullError } from '../errors/call-errors.js';
import type { EventSource } from '../events/event-source.js';
import type { AnyProcedure, Procedure } from '../procedures/procedure.js';
import type { CallOptions } from '../procedures/call-options.js';
import type { EventOptions, EventSubscription } from '../rpc/event-subscription.js';
import type { LibvirtStream } from '../rpc/libvirt-stream.js';
import { RpcLink } from '../rpc/rpc-link.js';
import { Deferred } from '../rpc/deferred.js';
import { requirePositive, type RpcConnectionOptions } from '../rpc/rpc-connection-options.js';
import { CallDeadline } from './call-deadline.js';
import { ClientSubscriptions } from './client-subscriptions.js';
import { agentUseOf } from './agent-calls.js';
import { DomainLines, type DomainLine } from './domain-lines.js';
import { Gate } from './gate.js';
import type { LibvirtClientOptions } from './libvirt-client-options.js';
import { ReconnectingLink, type ClientState } from './reconnecting-link.js';
import { slowProcedures } from './slow-procedures.js';
import { WorkPool } from './work-pool.js';

/**
 * The pool under a `LibvirtClient`: which connection a call takes, and what it waits for before it is sent. A call that
 * was sent keeps its places until the daemon is done with it, however early its caller has given up.
 */
export class PooledLink implements Link {
  readonly #options: LibvirtClientOptions;
  readonly #control: ReconnectingLink;
  readonly #work: WorkPool;
  readonly #slow: Gate;
  readonly #agents: Gate;
  readonly #domains: DomainLines;
  readonly #subscriptions = new ClientSubscriptions();
  readonly #streams = new Set<RpcLink>();
  readonly #streamsMax: number;
  #streamCount = 0;
  #changed = new Deferred<void>();
  #closing: Promise<void> | undefined;

  /**
   * Resolves when it is connected. Rejects as `RpcLink.open` does when the first attempt fails. The `signal` ends
   * that attempt; it has no effect afterwards.
   */
  static async connect({ signal, ...options }: LibvirtClientOptions = {}): Promise<PooledLink> {
    if (signal?.aborted) throw new LibvirtAbortError('connect', signal.reason, false);
    const link = new PooledLink(options);
    const giveUp = (): void => void link.close();
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      await link.#control.start();
      return link;
    } catch (error) {
      await link.close();
      if (signal?.aborted) throw new LibvirtAbortError('connect', signal.reason, false);
      throw error;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  private constructor(options: LibvirtClientOptions) {
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
      prepare: (connection: RpcLink) => this.#subscriptions.restore(connection),
      changed: () => this.#tellStateChange(),
    };
    this.#control = new ReconnectingLink(hooks, options.reconnect ?? {});
  }

  /** As `LibvirtClient.state`. */
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

  async call<Arguments, Result>(
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

  async openStream<Arguments, Reply>(
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

  async eventSubscribe<Event>(source: EventSource, options: EventOptions = {}): Promise<EventSubscription<Event>> {
    const { signal } = options;
    const deadline = new CallDeadline('eventSubscribe', signal === undefined ? {} : { signal });
    return this.#subscriptions.add(await deadline.limit(this.#control.get()), source, options);
  }

  close(): Promise<void> {
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

  async #endStream(connection: RpcLink): Promise<void> {
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

  async #connectionFor(procedure: AnyProcedure, deadline: CallDeadline, leaving: (() => void)[]): Promise<RpcLink> {
    if (procedure.priority === 'high') return deadline.limit(this.#control.get());
    const place = await this.#work.enter(deadline);
    leaving.push(() => place.leave());
    return place.connection;
  }

  #open(signal?: AbortSignal, more: RpcConnectionOptions = {}): Promise<RpcLink> {
    const options = { ...this.#options, ...more };
    return RpcLink.open(signal === undefined ? options : { ...options, signal });
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

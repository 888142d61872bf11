import { setTimeout as sleep } from 'node:timers/promises';
import { LibvirtConnectionError } from '../errors/libvirt-connection-error.js';
import type { RpcLink } from '../rpc/rpc-link.js';

export interface ReconnectOptions {
  /** The pause after the first attempt that fails. It doubles with each further one. Default 100. */
  readonly delayMinMs?: number;
  /** The longest pause between attempts. Default 5000. */
  readonly delayMaxMs?: number;
}

export type ClientState = 'connected' | 'disconnected' | 'closed';

interface Hooks {
  open(signal: AbortSignal): Promise<RpcLink>;
  /** Runs on every new connection before anybody else gets it. When it fails the connection is given up. */
  prepare(connection: RpcLink): Promise<void>;
  changed(state: ClientState): void;
}

/**
 * A connection that is made anew whenever it is lost, in the background: at once the first time, then with growing
 * pauses, for as long as it is not closed.
 */
export class ReconnectingLink {
  readonly #hooks: Hooks;
  readonly #delayMinMs: number;
  readonly #delayMaxMs: number;
  readonly #closing = new AbortController();
  #waking = new AbortController();
  #state: ClientState = 'disconnected';
  #connection: RpcLink | undefined;
  #attempt: Promise<RpcLink> | undefined;
  #failure: unknown;
  #running: Promise<void> | undefined;

  constructor(hooks: Hooks, options: ReconnectOptions) {
    this.#hooks = hooks;
    this.#delayMinMs = options.delayMinMs ?? 100;
    this.#delayMaxMs = options.delayMaxMs ?? 5_000;
  }

  get state(): ClientState {
    return this.#state;
  }

  /** The connection, if there is one now. */
  get connection(): RpcLink | undefined {
    return this.#connection;
  }

  /** Makes the first attempt and rejects when it fails. When it succeeds, the connection is kept up from then on. */
  async start(): Promise<void> {
    await this.#connect();
    this.#running = this.#keepUp();
  }

  /** The connection. While there is none, whoever asks has an attempt made at once, and shares one that is under way. */
  async get(): Promise<RpcLink> {
    if (this.#connection !== undefined) return this.#connection;
    if (this.#state === 'closed') throw this.#absence();
    return await this.#connect().catch(() => {
      throw this.#absence();
    });
  }

  /** Idempotent; never rejects. */
  async close(): Promise<void> {
    if (this.#state !== 'closed') this.#become('closed');
    this.#closing.abort();
    await this.#connection?.close();
    await this.#running;
  }

  async #keepUp(): Promise<void> {
    let delayMs = 0;
    for (;;) {
      if (this.#connection !== undefined) {
        const { error } = await this.#connection.closed;
        this.#connection = undefined;
        this.#failure = error;
        delayMs = 0;
      }
      if (this.#closing.signal.aborted) return;
      if (this.#state !== 'disconnected') this.#become('disconnected');
      await this.#pause(delayMs);
      delayMs = Math.min(this.#delayMaxMs, Math.max(this.#delayMinMs, delayMs * 2));
      if (this.#connection === undefined) await this.#connect().catch(() => undefined);
    }
  }

  /** Ends early when the client is closed, or when somebody who asked has brought the connection back. */
  async #pause(durationMs: number): Promise<void> {
    this.#waking = new AbortController();
    const signal = AbortSignal.any([this.#closing.signal, this.#waking.signal]);
    await sleep(durationMs, undefined, { signal }).catch(() => undefined);
  }

  #connect(): Promise<RpcLink> {
    this.#attempt ??= this.#establish().finally(() => {
      this.#attempt = undefined;
    });
    return this.#attempt;
  }

  async #establish(): Promise<RpcLink> {
    try {
      const connection = await this.#attemptOnce();
      this.#connection = connection;
      this.#become('connected');
      this.#waking.abort();
      return connection;
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  async #attemptOnce(): Promise<RpcLink> {
    const { signal } = this.#closing;
    signal.throwIfAborted();
    const connection = await this.#hooks.open(signal);
    try {
      await this.#hooks.prepare(connection);
      signal.throwIfAborted();
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  #become(state: ClientState): void {
    this.#state = state;
    this.#hooks.changed(state);
  }

  #absence(): LibvirtConnectionError {
    if (this.#state === 'closed')
      return new LibvirtConnectionError('the client was closed', { reason: 'closed', sent: false });
    const { reason, message } =
      this.#failure instanceof LibvirtConnectionError
        ? this.#failure
        : { reason: 'unreachable' as const, message: String(this.#failure) };
    return new LibvirtConnectionError(`not connected: ${message}`, { reason, sent: false }, { cause: this.#failure });
  }
}

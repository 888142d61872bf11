import { Connection } from '../connection/connection.js';
import type { CallOptions } from '../procedures/call-options.js';
import type { LibvirtClientOptions } from './libvirt-client-options.js';
import { PooledLink } from './pooled-link.js';
import type { ClientState } from './reconnecting-link.js';

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
  readonly #link: PooledLink;

  /**
   * Resolves when it is connected. Rejects as `RpcConnection.open` does when the first attempt fails. The `signal` ends
   * that attempt; it has no effect afterwards.
   */
  static async connect(options: LibvirtClientOptions = {}): Promise<LibvirtClient> {
    return new LibvirtClient(await PooledLink.connect(options));
  }

  private constructor(link: PooledLink) {
    super(link);
    this.#link = link;
  }

  /** Of the control connection. `disconnected`: it is being made anew. */
  get state(): ClientState {
    return this.#link.state;
  }

  /**
   * The state now, and then whenever it has changed. A taker that is slow sees the latest state only. Ends when the
   * client is closed or `signal` is aborted.
   */
  stateChanges(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<ClientState, void> {
    return this.#link.stateChanges(options);
  }

  /** Resolves when the client is connected. Rejects when it is closed, the signal is aborted or the time is over. */
  whenConnected(options: Pick<CallOptions, 'signal' | 'timeoutMs'> = {}): Promise<void> {
    return this.#link.whenConnected(options);
  }
}

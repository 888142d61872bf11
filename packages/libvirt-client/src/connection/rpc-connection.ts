import type { ConnectionEnd, RpcConnectionOptions } from '../rpc/rpc-connection-options.js';
import { RpcLink } from '../rpc/rpc-link.js';
import { Connection } from './connection.js';

/**
 * A connection over one socket to the daemon. Calls go side by side and are answered in any order: the daemon works on
 * them at the same time, so await one before the other when their order matters. Never reconnects.
 */
export class RpcConnection extends Connection {
  readonly #link: RpcLink;

  /** Connects, authenticates and opens. Rejects with a `LibvirtConnectionError`, or the daemon's `LibvirtError`. */
  static async open(options: RpcConnectionOptions = {}): Promise<RpcConnection> {
    return new RpcConnection(await RpcLink.open(options));
  }

  private constructor(link: RpcLink) {
    super(link);
    this.#link = link;
  }

  /** Resolves when the connection has ended, for whatever reason. Never rejects. */
  get closed(): Promise<ConnectionEnd> {
    return this.#link.closed;
  }

  /** How many calls of low priority are with the daemon or wait. */
  get load(): number {
    return this.#link.load;
  }
}

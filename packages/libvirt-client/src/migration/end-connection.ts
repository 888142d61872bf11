import type { RemoteDomain } from '../procedures/structs.gen.js';
import type { CallOptions } from '../procedures/call-options.js';
import type { RpcLink } from '../rpc/rpc-link.js';
import type { Sighting } from './guest-place.js';
import type { MigrationEnd } from './migration-ends.js';
import { Onlooker, type OnlookerOptions } from './onlooker.js';

export interface EndOptions extends OnlookerOptions {
  readonly stepTimeoutMs: number;
}

/**
 * One end of a migration, over a connection that nobody else uses: the daemon holds what was begun for that connection,
 * and ends it when it goes. Once it is gone, the daemon is asked over further ones.
 */
export class EndConnection implements MigrationEnd, AsyncDisposable {
  protected readonly connection: RpcLink;
  protected readonly domain: RemoteDomain;
  /** The limit of every step but the sending of the memory. */
  protected readonly step: CallOptions;
  readonly #onlooker: Onlooker;
  readonly #lost = new AbortController();

  constructor(connection: RpcLink, options: EndOptions) {
    this.connection = connection;
    this.domain = options.domain;
    this.step = { timeoutMs: options.stepTimeoutMs };
    this.#onlooker = new Onlooker(options, connection);
    void connection.closed.then(({ error }) => {
      if (error !== undefined) this.#lost.abort(error);
    });
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  look(): Promise<Sighting> {
    return this.#onlooker.look();
  }

  hangUp(): Promise<void> {
    return this.connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.connection.close(), this.#onlooker[Symbol.asyncDispose]()]);
  }

  /** For what may be asked on any connection. */
  protected usable(): Promise<RpcLink> {
    return this.#onlooker.connection();
  }
}

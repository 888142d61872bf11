import { ErrorNumber } from '../constants/error-codes.gen.js';
import { LibvirtError } from '../errors/libvirt-error.js';
import * as remote from '../procedures/remote.gen.js';
import type { RemoteDomain } from '../procedures/structs.gen.js';
import type { RpcConnectionOptions } from '../rpc/rpc-connection-options.js';
import { RpcLink } from '../rpc/rpc-link.js';
import type { Sighting } from './guest-place.js';

export interface OnlookerOptions {
  /** How to reach the daemon. */
  readonly connection: RpcConnectionOptions;
  readonly domain: RemoteDomain;
  /** The longest time for one look. */
  readonly settleTimeoutMs: number;
}

/** Asks one daemon about the guest, over the connection it was given or, while there is none, over one it opens. */
export class Onlooker implements AsyncDisposable {
  readonly #options: OnlookerOptions;
  #connection: RpcLink | undefined;

  constructor(options: OnlookerOptions, connection?: RpcLink) {
    this.#options = options;
    if (connection !== undefined) this.#use(connection);
  }

  /** What the daemon says of the guest. Never rejects. */
  async look(): Promise<Sighting> {
    const options = { timeoutMs: this.#options.settleTimeoutMs };
    try {
      const connection = await this.connection();
      const args = { dom: this.#options.domain, flags: 0 };
      return { kind: 'present', ...(await connection.call(remote.domainGetState, args, options)) };
    } catch (error) {
      return LibvirtError.is(error, ErrorNumber.VIR_ERR_NO_DOMAIN) ? { kind: 'absent' } : { kind: 'unseen', error };
    }
  }

  async connection(): Promise<RpcLink> {
    if (this.#connection !== undefined) return this.#connection;
    const { connection, settleTimeoutMs: connectTimeoutMs } = this.#options;
    return this.#use(await RpcLink.open({ ...connection, connectTimeoutMs }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection?.close();
  }

  #use(connection: RpcLink): RpcLink {
    this.#connection = connection;
    void connection.closed.then(() => {
      if (this.#connection === connection) this.#connection = undefined;
    });
    return connection;
  }
}

import type { DriverEnvironment } from '@virtkit/core/driver';
import type { LibvirtClient } from '@virtkit/libvirt-client';

/** Tells the manager when the daemon is gone and when it is back, until it is closed. The client connects anew by itself. */
export class HostContact implements AsyncDisposable {
  readonly #closing = new AbortController();
  readonly #following: Promise<void>;

  /** Of a client that is connected. */
  constructor(client: LibvirtClient, environment: DriverEnvironment) {
    this.#following = this.#follow(client, environment);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#following;
  }

  async #follow(client: LibvirtClient, environment: DriverEnvironment): Promise<void> {
    let told: 'available' | 'unavailable' = 'available';
    for await (const state of client.stateChanges({ signal: this.#closing.signal })) {
      if (state === 'closed') return;
      const type = state === 'connected' ? 'available' : 'unavailable';
      if (type === told) continue;
      told = type;
      environment.emit({ type, occurredAtMs: environment.clock.now() });
    }
  }
}

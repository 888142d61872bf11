import type { DriverEnvironment } from '@virtkit/core/driver';
import type { FakeConnection } from '../hypervisor/fake-connection.js';

const DELAY_MIN_MS = 100;
const DELAY_MAX_MS = 5_000;

/** Opens a connection anew whenever the hypervisor has dropped it, and tells the manager of both. */
export class Reconnecting {
  readonly #environment: DriverEnvironment;
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;

  constructor(environment: DriverEnvironment) {
    this.#environment = environment;
  }

  /** Returns at once. A connection that is dropped again while it is made anew stays one attempt. */
  dropped(connection: FakeConnection): void {
    if (this.#closing.signal.aborted || this.#running !== undefined) return;
    this.#tell('unavailable');
    this.#running = this.#connect(connection).finally(() => (this.#running = undefined));
  }

  /** No attempt is made any more. Idempotent. */
  close(): void {
    this.#closing.abort();
  }

  /** Never rejects. Ends when the connection is open or the driver is cleaned up. */
  async #connect(connection: FakeConnection): Promise<void> {
    const { signal } = this.#closing;
    const { clock, log } = this.#environment;
    for (let delayMs = DELAY_MIN_MS; !signal.aborted; delayMs = Math.min(delayMs * 2, DELAY_MAX_MS)) {
      try {
        await clock.sleep(delayMs, { signal });
        const { host, fence } = this.#environment;
        await connection.open({ signal, leader: { host, epoch: fence.epoch } });
        this.#tell('available');
        return;
      } catch (failure) {
        if (!signal.aborted) log.debug({ err: failure, delayMs }, 'hypervisor unavailable');
      }
    }
  }

  #tell(type: 'available' | 'unavailable'): void {
    this.#environment.emit({ type, occurredAtMs: this.#environment.clock.now() });
  }
}

import { ComputeError, type DriverFence } from '@virtkit/core/driver';
import { deferred } from './deferred.js';

/** The fence of a driver under test, which the test closes. At first it is open. */
export class TestFence implements DriverFence {
  readonly epoch: number;
  #passCount = 0;
  #passesLeft = Infinity;
  #onRefusal: () => Promise<void> = () => Promise.resolve();
  #renewed = deferred<void>();
  #isStoreAway = false;
  #waiting = 0;
  #asked = deferred<void>();

  constructor(epoch = 1) {
    this.epoch = epoch;
  }

  /** How often the driver was let through. */
  get passCount(): number {
    return this.#passCount;
  }

  /** How many calls wait for the lease. */
  get waitingCount(): number {
    return this.#waiting;
  }

  /**
   * Another manager takes the host: at once, or when so many effects more were let through.
   * @param onRefusal done before the first refusal is told, so that a test sees the host as it was then
   */
  lose({
    afterPasses = 0,
    onRefusal,
  }: { readonly afterPasses?: number; readonly onRefusal?: () => Promise<void> } = {}): void {
    this.#passesLeft = afterPasses;
    if (onRefusal) this.#onRefusal = onRefusal;
  }

  /** As at first. */
  reopen(): void {
    this.#passesLeft = Infinity;
    this.#onRefusal = () => Promise.resolve();
    this.renew();
  }

  /** Resolves when a call waits for the lease. */
  async untilAsked(): Promise<void> {
    if (this.#waiting === 0) await this.#asked.promise;
  }

  /** The lease has run out and cannot be renewed, and nobody has taken the host. */
  runOut(): void {
    this.#isStoreAway = true;
    this.#asked = deferred();
  }

  /** The store is back. */
  renew(): void {
    this.#isStoreAway = false;
    const { resolve } = this.#renewed;
    this.#renewed = deferred();
    resolve();
  }

  async pass(signal?: AbortSignal): Promise<void> {
    while (this.#isStoreAway) await this.#untilRenewed(signal);
    if (this.#passesLeft <= 0) {
      const onRefusal = this.#onRefusal;
      this.#onRefusal = () => Promise.resolve();
      await onRefusal();
      throw new ComputeError('SESSION_LOST', {});
    }
    this.#passesLeft -= 1;
    this.#passCount += 1;
  }

  async #untilRenewed(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const over = new AbortController();
    const aborted = new Promise<never>((_, reject) => {
      const abort = (): void => reject(signal?.reason as Error);
      signal?.addEventListener('abort', abort, { once: true, signal: over.signal });
    });
    this.#waiting += 1;
    this.#asked.resolve();
    try {
      await Promise.race([this.#renewed.promise, aborted]);
    } finally {
      this.#waiting -= 1;
      over.abort();
    }
  }
}

import type { AcceptedAction } from '../requests/acceptance.js';

/**
 * What a part of the host's life has begun by itself and what has not ended yet: so many actions at most. Whoever begins one waits for a
 * place, and not for its end, so that one that hangs holds back no more than its own place, and that until its driver's deadline.
 */
export class ActionsInFlight {
  readonly #countMax: number;
  #count = 0;
  #left = Promise.withResolvers<void>();

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  /** How many there are now. */
  get count(): number {
    return this.#count;
  }

  /**
   * Has an action accepted as soon as there is a place for it, and resolves when it is. How it ends is on record. Rejects as `accept`
   * does, which may also answer that there is nothing to do, and with the signal's reason when no place was left in time.
   */
  async begin(accept: () => Promise<AcceptedAction | undefined>, signal: AbortSignal): Promise<void> {
    await this.#takePlace(signal);
    let accepted: AcceptedAction | undefined;
    try {
      accepted = await accept();
    } finally {
      if (!accepted) this.#leave();
    }
    // It never rejects, and whoever closes the host waits for it at the dispatcher.
    void accepted?.finished.then(() => this.#leave());
  }

  async #takePlace(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => aborted.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      // All who wait are woken by each that leaves: in their order they look, and the first takes the place before the next one looks.
      while (this.#count >= this.#countMax) await Promise.race([this.#left.promise, aborted.promise]);
      this.#count += 1;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  #leave(): void {
    this.#count -= 1;
    this.#left.resolve();
    this.#left = Promise.withResolvers();
  }
}

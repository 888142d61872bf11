/** Longer than the pauses between the requests of one operation. */
const QUIET_MS = 20;

/** Fewer are left in the log: a lease that is renewed now and then is not worth a copy each time. */
const COMMIT_COUNT_MIN = 64;

/**
 * Has the log copied into the file while nobody waits for the disk. Under a load that never pauses the log fills up, and is copied by
 * the commit that fills it.
 */
export class QuietCheckpoint {
  readonly #checkpoint: () => void;
  #commitCount = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(checkpoint: () => void) {
    this.#checkpoint = checkpoint;
  }

  /** Something was asked for; it may have been committed. */
  note(requests: 'commit' | 'other'): void {
    if (requests === 'commit') this.#commitCount += 1;
    if (this.#commitCount < COMMIT_COUNT_MIN) return;
    if (this.#timer) this.#timer.refresh();
    else this.#timer = setTimeout(() => this.#copy(), QUIET_MS).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#commitCount = 0;
  }

  #copy(): void {
    this.#timer = undefined;
    this.#commitCount = 0;
    this.#checkpoint();
  }
}

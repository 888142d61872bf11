import type { Clock } from '../driver/index.js';

/**
 * When a lease ends, by both clocks of this process and counted from before the store was asked, so that it never ends later than the store
 * thinks. The monotonic clock stands still while the machine sleeps; the wall clock may be set. Whichever says first that the lease is over
 * is believed: a wall clock that was set forward costs one renewal.
 */
export class LeaseEnd {
  readonly #clock: Clock;
  readonly #monotonicMs: number;
  readonly #wallMs: number;

  /** Of a lease that is about to be asked for. */
  constructor(clock: Clock, leaseMs: number) {
    this.#clock = clock;
    this.#monotonicMs = clock.monotonicMs() + leaseMs;
    this.#wallMs = clock.now() + leaseMs;
  }

  /** Of no lease. */
  static past(clock: Clock): LeaseEnd {
    return new LeaseEnd(clock, 0);
  }

  get remainingMs(): number {
    const byMonotonicMs = this.#monotonicMs - this.#clock.monotonicMs();
    return Math.max(0, Math.min(byMonotonicMs, this.#wallMs - this.#clock.now()));
  }
}

import type { CallLane } from './call-lane.js';

/**
 * Two lines that share a window: calls that may take long, and quick reads. While both want places, one is kept for the
 * quick and the others for the slow, so neither waits for more than one call of the other kind.
 */
export class LanePair {
  readonly window: number;
  readonly slow: CallLane;
  readonly quick: CallLane;

  constructor(window: number, { slow, quick }: { readonly slow: CallLane; readonly quick: CallLane }) {
    this.window = window;
    this.slow = slow;
    this.quick = quick;
  }

  /** Calls with the daemon, and calls that wait. */
  get size(): number {
    return this.slow.size + this.quick.size;
  }

  /** Not more are with the daemon than the window has places. */
  get fitsIn(): boolean {
    return this.#inFlight <= this.window;
  }

  get hasRoomForSlow(): boolean {
    const kept = this.quick.size > this.quick.inFlight ? 1 : 0;
    return this.#inFlight < this.window && this.slow.inFlight < Math.max(1, this.window - kept);
  }

  get hasRoomForQuick(): boolean {
    const kept = Math.min(this.slow.size - this.slow.inFlight, this.window - 1);
    return this.#inFlight < this.window && this.quick.inFlight < this.window - kept;
  }

  get #inFlight(): number {
    return this.slow.inFlight + this.quick.inFlight;
  }
}

import { LibvirtQueueFullError } from '../errors/call-errors.js';
import type { PendingCall } from './pending-call.js';

export interface LaneOptions {
  readonly queueMax: number;
  /** Whether one more call of this lane may be with the daemon. */
  readonly hasRoom: () => boolean;
  readonly send: (call: PendingCall) => void;
  /** A place is free, or nobody waits for it any more: this lane or another may have room now. */
  readonly freed: () => void;
  /** In milliseconds, from any start. */
  readonly now: () => number;
}

/** Calls of one kind on their way: some with the daemon, the others in line, at most `queueMax` of them. */
export class CallLane {
  readonly #options: LaneOptions;
  readonly #waiting = new Set<PendingCall>();
  #inFlight = 0;
  #lastAnswerAt = 0;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Calls sent and not answered. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Calls sent and not answered, and calls that wait. */
  get size(): number {
    return this.#inFlight + this.#waiting.size;
  }

  /** How long calls have been with the daemon without an answer to any of them. */
  get silentMs(): number {
    return this.#inFlight === 0 ? 0 : this.#options.now() - this.#lastAnswerAt;
  }

  add(call: PendingCall): void {
    if (this.#waiting.size === 0 && this.#options.hasRoom()) return this.#sendNow(call);
    const { queueMax } = this.#options;
    if (this.#waiting.size >= queueMax) {
      call.reject(new LibvirtQueueFullError(call.procedure.name, queueMax));
      call.release();
      return;
    }
    this.#waiting.add(call);
  }

  /** Takes a call out that still waits. */
  remove(call: PendingCall): void {
    if (!this.#waiting.delete(call)) return;
    call.release();
    this.#options.freed();
  }

  /** A call that was sent is over. The next one takes its place. */
  done(call: PendingCall): void {
    this.#inFlight--;
    this.#lastAnswerAt = this.#options.now();
    call.release();
    this.#options.freed();
  }

  /** Sends those that wait, as far as there is room. */
  advance(): void {
    for (const next of this.#waiting) {
      if (!this.#options.hasRoom()) return;
      this.#waiting.delete(next);
      this.#sendNow(next);
    }
  }

  /** Empties the line. The calls in flight are none of its business any more. */
  drain(): PendingCall[] {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    return waiting;
  }

  #sendNow(call: PendingCall): void {
    if (this.#inFlight === 0) this.#lastAnswerAt = this.#options.now();
    this.#inFlight++;
    try {
      this.#options.send(call);
    } catch (error) {
      this.#inFlight--;
      call.reject(error);
      call.release();
    }
  }
}

import { LibvirtQueueFullError } from '../errors/call-errors.js';
import type { PendingCall } from './pending-call.js';

/**
 * Calls on their way: at most `window` with the daemon, the others in line, at most `queueMax` of them.
 *
 * The window matters. A daemon that works on five calls of one connection stops reading from it, keepalive included, and
 * cuts it off when they take long.
 */
export class CallLane {
  readonly #window: number;
  readonly #queueMax: number;
  readonly #send: (call: PendingCall) => void;
  readonly #waiting = new Set<PendingCall>();
  #inFlight = 0;

  constructor(limits: { readonly window: number; readonly queueMax: number }, send: (call: PendingCall) => void) {
    this.#window = limits.window;
    this.#queueMax = limits.queueMax;
    this.#send = send;
  }

  /** Calls sent and not answered, and calls that wait. */
  get size(): number {
    return this.#inFlight + this.#waiting.size;
  }

  add(call: PendingCall): void {
    if (this.#inFlight < this.#window) return this.#sendNow(call);
    if (this.#waiting.size >= this.#queueMax) {
      call.reject(new LibvirtQueueFullError(call.procedure.name, this.#queueMax));
      call.release();
      return;
    }
    this.#waiting.add(call);
  }

  /** Takes a call out that still waits. */
  remove(call: PendingCall): void {
    if (this.#waiting.delete(call)) call.release();
  }

  /** A call that was sent is over. The next one takes its place. */
  done(call: PendingCall): void {
    this.#inFlight--;
    call.release();
    for (const next of this.#waiting) {
      if (this.#inFlight >= this.#window) return;
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
    this.#inFlight++;
    try {
      this.#send(call);
    } catch (error) {
      this.#inFlight--;
      call.reject(error);
      call.release();
    }
  }
}

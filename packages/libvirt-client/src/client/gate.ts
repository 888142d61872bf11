import { LibvirtQueueFullError } from '../errors/call-errors.js';
import type { CallDeadline } from './call-deadline.js';

/** Lets at most `places` calls in at once, in the order in which they came, and at most `queueMax` wait. */
export class Gate {
  readonly #queueMax: number;
  readonly #waiting = new Set<() => void>();
  #free: number;

  constructor(places: number, queueMax: number) {
    this.#free = places;
    this.#queueMax = queueMax;
  }

  /**
   * Resolves when the call is in; it must `leave` then. Rejects, and nothing has to be left, when the deadline is over or
   * too many wait.
   */
  async enter(deadline: CallDeadline): Promise<void> {
    deadline.throwIfOver();
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    if (this.#waiting.size >= this.#queueMax) throw new LibvirtQueueFullError(deadline.procedure, this.#queueMax);
    await new Promise<void>((resolve, reject) => {
      const proceed = (): void => {
        deadline.signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        this.#waiting.delete(proceed);
        reject(deadline.error());
      };
      this.#waiting.add(proceed);
      deadline.signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  leave(): void {
    for (const next of this.#waiting) {
      this.#waiting.delete(next);
      return next();
    }
    this.#free++;
  }
}

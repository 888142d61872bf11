import { LibvirtAbortError, LibvirtTimeoutError } from '../errors/call-errors.js';
import type { CallOptions } from '../procedures/call-options.js';

/** How long a call may still wait, over all the lines it stands in before it is sent. */
export class CallDeadline {
  readonly procedure: string;
  /** Aborted when the caller gives up or the time is over. Missing when neither can happen. */
  readonly signal: AbortSignal | undefined;
  readonly #options: CallOptions;
  readonly #startedAt = performance.now();

  constructor(procedure: string, options: CallOptions) {
    this.procedure = procedure;
    this.#options = options;
    const { signal, timeoutMs } = options;
    const timeout = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
    this.signal =
      signal !== undefined && timeout !== undefined ? AbortSignal.any([signal, timeout]) : (signal ?? timeout);
  }

  throwIfOver(): void {
    if (this.signal?.aborted === true) throw this.error();
  }

  /** Why the call is not waited for any longer, when it was not sent yet. */
  error(): Error {
    const { signal, timeoutMs } = this.#options;
    if (signal?.aborted === true) return new LibvirtAbortError(this.procedure, signal.reason, false);
    return new LibvirtTimeoutError(this.procedure, timeoutMs ?? 0, false);
  }

  /** `promise`, unless the deadline is over before. What is waited for goes on. */
  async limit<Value>(promise: Promise<Value>): Promise<Value> {
    this.throwIfOver();
    const { signal } = this;
    if (signal === undefined) return promise;
    let giveUp!: () => void;
    const over = new Promise<never>((_, reject) => (giveUp = () => reject(this.error())));
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      return await Promise.race([promise, over]);
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** The options for the connection that the call goes to at last. */
  remaining(): CallOptions {
    const { timeoutMs } = this.#options;
    if (timeoutMs === undefined) return this.#options;
    return { ...this.#options, timeoutMs: Math.max(1, timeoutMs - (performance.now() - this.#startedAt)) };
  }
}

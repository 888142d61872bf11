import { ComputeError, isComputeError, type DriverFence } from '../driver/index.js';
import { abortedError } from './aborted-error.js';
import type { Outcome } from './settle.js';

/** One call's way through the fence: it begins when it has passed, and a call that did not pass has changed nothing. */
export class FencedEntry {
  readonly #fence: Pick<DriverFence, 'pass'> | undefined;
  #hasBegun = false;
  #refusal: unknown;

  /** @param fence `undefined`: the call changes nothing and need not ask */
  constructor(fence: Pick<DriverFence, 'pass'> | undefined) {
    this.#fence = fence;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  async enter<Value>(signal: AbortSignal, call: () => Promise<Value>): Promise<Value> {
    try {
      await this.#fence?.pass(signal);
      signal.throwIfAborted();
    } catch (refusal) {
      this.#refusal = refusal;
      throw refusal;
    }
    this.#hasBegun = true;
    return await call();
  }

  /** Why the call has not begun. At its deadline it was still waiting for the store, which did not renew the lease. */
  refusal(aborted: Outcome<unknown>['aborted'], abortReason: unknown, operation: string): ComputeError {
    const cause = this.#refusal;
    if (aborted === 'by caller') return abortedError(abortReason, operation, cause, 'none');
    if (aborted === undefined && isComputeError(cause)) return cause;
    const operator = { message: 'the lease of this host could not be renewed before the deadline of the call' };
    return new ComputeError('STORE_UNAVAILABLE', {}, { cause, operator, effect: 'none' });
  }
}

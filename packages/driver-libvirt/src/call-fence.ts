import { AsyncLocalStorage } from 'node:async_hooks';
import { ComputeError, isComputeError, type Clock, type DriverFence } from '@virtkit/core/driver';

/**
 * How long after the abort of its call an undo may still wait for the lease, in milliseconds: less than the manager's grace, because an undo
 * that goes on after its call was given up would meet whatever the manager has begun since.
 */
const WAIT_AFTER_ABORT_MS = 5_000;

const running = new AsyncLocalStorage<CallFence>();

export interface CallFenceOptions {
  readonly fence: Pick<DriverFence, 'pass'>;
  readonly clock: Clock;
  /** Of the call. */
  readonly signal: AbortSignal;
}

/**
 * The fence as one call of the driver passes it. Everything that changes something asks here first: each changing call to libvirt right
 * before it is sent, and each change of files, in the undo too. The call is found by its asynchronous context, so that no step can do
 * without.
 */
export class CallFence {
  readonly #options: CallFenceOptions;
  #effects: 'none' | 'some' = 'none';
  #isLost = false;

  constructor(options: CallFenceOptions) {
    this.#options = options;
  }

  /** Asks the fence of the call in whose context it is called. @throws ComputeError `SESSION_LOST` */
  static async pass(): Promise<void> {
    const call = running.getStore();
    if (call) await call.#pass();
  }

  /** Does the work of the call. @throws ComputeError `SESSION_LOST` or `OUTCOME_UNKNOWN` when the host was lost meanwhile */
  async run<Value>(operation: string, work: () => Promise<Value>): Promise<Value> {
    try {
      return await running.run(this, work);
    } catch (failure) {
      if (!this.#isLost) throw failure;
      if (this.#effects === 'some') throw new ComputeError('OUTCOME_UNKNOWN', { operation }, { cause: failure });
      throw isComputeError(failure, 'SESSION_LOST')
        ? failure
        : new ComputeError('SESSION_LOST', {}, { cause: failure });
    }
  }

  async #pass(): Promise<void> {
    const { fence, clock, signal } = this.#options;
    const wait = new AbortController();
    let cancelTimer = (): void => undefined;
    const limit = (): void => {
      cancelTimer = clock.after(WAIT_AFTER_ABORT_MS, () => wait.abort(leaseNotRenewed()));
    };
    if (signal.aborted) limit();
    else signal.addEventListener('abort', limit, { once: true });
    try {
      await fence.pass(wait.signal);
      this.#effects = 'some';
    } catch (failure) {
      if (isComputeError(failure, 'SESSION_LOST')) this.#isLost = true;
      throw failure;
    } finally {
      signal.removeEventListener('abort', limit);
      cancelTimer();
    }
  }
}

function leaseNotRenewed(): ComputeError {
  const operator = { message: 'the lease of this host was not renewed in time' };
  return new ComputeError('STORE_UNAVAILABLE', {}, { operator, effect: 'none' });
}

import { isComputeError, type DriverFence } from '@virtkit/core/driver';
import { FakeHypervisorError } from '../hypervisor/fake-hypervisor-error.js';

/** The fence as one call of the driver passes it: whether the call has changed anything, and whether it was refused. */
export class CallFence {
  readonly #fence: Pick<DriverFence, 'pass'>;
  #effects: 'none' | 'some' = 'none';
  #isLost = false;

  constructor(fence: Pick<DriverFence, 'pass'>) {
    this.#fence = fence;
  }

  /** Whether a step was let through, so that something may have changed. */
  get effects(): 'none' | 'some' {
    return this.#effects;
  }

  /** Whether another manager has the host: nothing more is sent, and nothing is undone. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Does one step that changes something. @throws ComputeError `SESSION_LOST` from the fence, or when the hypervisor refuses the lease */
  async step<Value>(signal: AbortSignal | undefined, work: () => Promise<Value>): Promise<Value> {
    try {
      await this.#fence.pass(signal);
      return await this.#sent(work);
    } catch (failure) {
      if (isComputeError(failure, 'SESSION_LOST')) this.#isLost = true;
      throw failure;
    }
  }

  async #sent<Value>(work: () => Promise<Value>): Promise<Value> {
    try {
      const value = await work();
      this.#effects = 'some';
      return value;
    } catch (failure) {
      if (mayHaveHappened(failure)) this.#effects = 'some';
      throw failure;
    }
  }
}

/** Only of a step that the hypervisor refused, or was never sent, it is certain that nothing came of it. */
function mayHaveHappened(failure: unknown): boolean {
  if (failure instanceof FakeHypervisorError) return failure.refusal === 'answer-lost';
  return !isComputeError(failure, 'SESSION_LOST');
}

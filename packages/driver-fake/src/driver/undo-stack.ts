import { ComputeError, isComputeError, suppress, type CallOptions, type Clock } from '@virtkit/core/driver';

interface Undo {
  readonly during: string;
  readonly undo: (options: CallOptions) => Promise<void>;
}

/**
 * What a call must undo when it fails, in reverse. Each undo is pushed before its step is tried and does nothing where the
 * step had no effect: so a step whose answer was lost is undone too.
 */
export class UndoStack {
  readonly #undos: Undo[] = [];

  get isEmpty(): boolean {
    return this.#undos.length === 0;
  }

  push(during: string, undo: Undo['undo']): void {
    this.#undos.push({ during, undo });
  }

  /** The work is done; nothing is to be undone any more. */
  clear(): void {
    this.#undos.length = 0;
  }

  /**
   * Undoes everything. Never rejects: what fails joins `first`, and the others are undone all the same. Once the host is lost nothing more
   * is undone: what there is belongs to the manager that has the host now. The whole of it takes `timeoutMs` at most, for a hypervisor that
   * hangs must not keep the first error back.
   */
  async unwind(first: unknown, clock: Clock, timeoutMs: number): Promise<void> {
    const over = new AbortController();
    const deadline = clock.sleep(timeoutMs, { signal: over.signal }).then(
      () => over.abort(new ComputeError('DEADLINE_EXCEEDED', { operation: 'clean up', timeoutMs })),
      () => {},
    );
    for (let next = this.#undos.pop(); next !== undefined; next = this.#undos.pop()) {
      try {
        await beforeAbort(next.undo({ signal: over.signal }), over.signal);
      } catch (failure) {
        suppress(first, failure, next.during);
        if (isComputeError(failure, 'SESSION_LOST')) break;
      }
    }
    over.abort();
    await deadline;
  }
}

/** Settles with the work, or rejects when the signal aborts, even if the work does not heed it. */
function beforeAbort(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

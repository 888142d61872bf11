import { ComputeError, isComputeError, type Clock, type DriverLog } from '../driver/index.js';
import type { InstanceAction } from '../model/instance-action.js';
import type { Records } from '../records.js';
import { tenantFailureOf } from '../recorders/tenant-failure.js';

export interface DispatcherOptions {
  readonly records: Records;
  readonly clock: Clock;
  readonly log: DriverLog;
  /** How many actions may be accepted and not finished. Default 10,000. */
  readonly pendingMax?: number;
}

/** Runs accepted actions on this host, each to its end, and keeps their records. */
export class Dispatcher {
  readonly #options: Required<DispatcherOptions>;
  readonly #running = new Map<
    string,
    { readonly abort: AbortController; readonly finished: Promise<InstanceAction> }
  >();
  #accepting = true;

  constructor(options: DispatcherOptions) {
    this.#options = { pendingMax: 10_000, ...options };
  }

  /** @throws ComputeError `MANAGER_CLOSED`, `QUEUE_FULL` */
  refuseWhenClosedOrFull(operation: string): void {
    const { pendingMax } = this.#options;
    if (!this.#accepting) throw new ComputeError('MANAGER_CLOSED', { operation });
    if (this.#running.size >= pendingMax) throw new ComputeError('QUEUE_FULL', { operation, pendingMax });
  }

  /** Starts an accepted action. Resolves with the finished one; never rejects. */
  dispatch(action: InstanceAction, work: (signal: AbortSignal) => Promise<unknown>): Promise<InstanceAction> {
    const abort = new AbortController();
    const finished = this.#run(action, abort.signal, work).finally(() => this.#running.delete(action.uuid));
    this.#running.set(action.uuid, { abort, finished });
    return finished;
  }

  /** Cancels an action that has not finished. True when there was one; its record then ends as `cancelled`, unless it was done already. */
  cancel(actionUuid: string): boolean {
    const running = this.#running.get(actionUuid);
    running?.abort.abort();
    return running !== undefined;
  }

  /** Accepts nothing more, waits for what runs, and cancels what is not done after `drainMs`. */
  async close(drainMs: number): Promise<void> {
    this.#accepting = false;
    const cancelTimer = this.#options.clock.after(drainMs, () => {
      for (const { abort } of this.#running.values()) abort.abort();
    });
    await Promise.all([...this.#running.values()].map(({ finished }) => finished));
    cancelTimer();
  }

  async #run(
    action: InstanceAction,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<unknown>,
  ): Promise<InstanceAction> {
    const { clock } = this.#options;
    const running = { ...action, state: 'running' as const, startedAtMs: clock.now() };
    await this.#put(running);
    try {
      await work(signal);
      return await this.#put({ ...running, state: 'succeeded', finishedAtMs: clock.now() });
    } catch (failure) {
      return await this.#put({
        ...running,
        state: endStateOf(failure),
        finishedAtMs: clock.now(),
        failure: tenantFailureOf(failure),
      });
    }
  }

  /** The work is done or has failed whatever becomes of this record; recovery at the next start closes one that was lost. */
  async #put(action: InstanceAction): Promise<InstanceAction> {
    const { records, log } = this.#options;
    try {
      await records.commit([{ write: 'put-action', action }]);
    } catch (failure) {
      log.error({ err: failure, action }, 'the record of an action could not be written');
    }
    return action;
  }
}

function endStateOf(failure: unknown): 'failed' | 'cancelled' | 'unknown' {
  if (isComputeError(failure, 'OUTCOME_UNKNOWN')) return 'unknown';
  const cancelled = isComputeError(failure, 'ABORTED') || isComputeError(failure, 'UNEXPECTED_TASK_STATE');
  return cancelled ? 'cancelled' : 'failed';
}

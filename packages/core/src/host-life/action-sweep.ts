import type { Dispatcher } from '../dispatch/dispatcher.js';
import { isComputeError, type Clock, type DriverLog } from '../driver/index.js';
import type { InstanceAction } from '../model/instance-action.js';
import { contextOfAction } from '../model/request-context.js';
import type { Records } from '../records/records.js';
import { endInterruptedAction } from '../recovery/end-interrupted-action.js';
import { endQueued } from '../dispatch/end-queued.js';
import { refusalToBegin } from '../dispatch/refusal-to-begin.js';

export interface ActionSweepOptions {
  readonly host: string;
  readonly dispatcher: Dispatcher;
  readonly records: Records;
  readonly clock: Clock;
  readonly log: DriverLog;
}

/**
 * Reads the queue of the host: what other processes have accepted for it is carried out, what they wish to cancel is cancelled, and what
 * is past its deadline, overtaken or cancelled before it began is ended.
 */
export class ActionSweep {
  readonly #options: ActionSweepOptions;

  constructor(options: ActionSweepOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { records, host, log } = this.#options;
    for (const action of await records.store.listUnfinishedActions(host, { signal })) {
      signal.throwIfAborted();
      try {
        await this.#look(action);
      } catch (failure) {
        if (isOvertaken(failure)) continue;
        log.error({ err: failure, actionUuid: action.uuid }, 'an action could not be taken from the queue');
        if (!isComputeError(failure)) throw failure;
      }
    }
  }

  async #look(action: InstanceAction): Promise<void> {
    const { dispatcher, records, clock } = this.#options;
    const { uuid, state, cancelRequestedAtMs } = action;
    if (dispatcher.isRunning(uuid)) {
      if (cancelRequestedAtMs !== null) dispatcher.cancel(uuid);
      return;
    }
    // One that runs and not here was begun by an earlier process: recovery settles it.
    if (state !== 'queued' || dispatcher.isExpected(uuid)) return;
    const instance = await records.store.getInstance(action.instanceUuid);
    const refusal = refusalToBegin(action, clock.now());
    if (instance.taskOwner !== uuid) await endInterruptedAction(action, this.#options);
    else if (refusal) await endQueued(action, instance, refusal, this.#options);
    else if (dispatcher.hasRoom) {
      // How it ends is on record; nobody here waits for it.
      void dispatcher.dispatch({ action, context: contextOfAction(action), instance });
    }
  }
}

/** Another action was quicker, or this process began it since the queue was read. */
function isOvertaken(failure: unknown): boolean {
  return isComputeError(failure, 'UNEXPECTED_ACTION_STATE') || isComputeError(failure, 'UNEXPECTED_TASK_STATE');
}

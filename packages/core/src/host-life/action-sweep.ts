import type { Dispatcher } from '../dispatch/dispatcher.js';
import { isComputeError, type Clock, type DriverLog } from '../driver/index.js';
import type { InstanceAction, InstanceActionEvent } from '../model/instance-action.js';
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

/** How long the process that accepted an action has to bring what is in no record, in milliseconds. Begun without it, the action fails. */
const SECRETS_WITHIN_MS = 10_000;

/**
 * Reads the queue of the host: what other processes have accepted for it is carried out, what they wish to cancel is cancelled, and what
 * is past its deadline, overtaken or cancelled before it began is ended. What this process has begun by a commit whose answer was lost is carried
 * out, or cancelled when it would come too late.
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
    if (dispatcher.isExpected(uuid)) return;
    const begun = state === 'running' && dispatcher.isDoubted(uuid) ? await this.#openEvent(uuid) : undefined;
    // Any other that runs and not here was begun by an earlier process: recovery settles it.
    if (state !== 'queued' && !begun) return;
    const nowMs = clock.now();
    if (state === 'queued' && hasSecrets(action) && nowMs - action.acceptedAtMs < SECRETS_WITHIN_MS) return;
    const instance = await records.store.getInstance(action.instanceUuid);
    const refusal = refusalToBegin(action, nowMs);
    if (instance.taskOwner !== uuid) await endInterruptedAction(action, this.#options);
    else if (refusal && !begun) await endQueued(action, instance, refusal, this.#options);
    else if (begun || dispatcher.hasRoom) {
      // How it ends is on record; nobody here waits for it.
      void dispatcher.dispatch({ action, context: contextOfAction(action), instance, ...(begun && { begun }) });
      if (refusal) dispatcher.cancel(uuid, refusal);
    }
  }

  async #openEvent(actionUuid: string): Promise<InstanceActionEvent | undefined> {
    const events = await this.#options.records.store.listEvents(actionUuid);
    return events.find(({ finishedAtMs }) => finishedAtMs === null);
  }
}

/** Whether whoever accepted it has something for it that is in no record. */
function hasSecrets({ operation, parameters }: InstanceAction): boolean {
  return operation === 'setAdminPassword' || parameters['password'] === 'given';
}

/** Another action was quicker, or this process began it since the queue was read. */
function isOvertaken(failure: unknown): boolean {
  return isComputeError(failure, 'UNEXPECTED_ACTION_STATE') || isComputeError(failure, 'UNEXPECTED_TASK_STATE');
}

import type { Dispatcher } from '../dispatch/dispatcher.js';
import { ComputeError, isComputeError, type Clock, type DriverLog } from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import { operations } from '../model/operation-table.js';
import type { Records } from '../records/records.js';
import { endQueued } from '../dispatch/end-queued.js';
import { inParallel } from './in-parallel.js';
import { instancePages } from '../store/instance-pages.js';

export interface BuildTimeoutOptions {
  readonly host: string;
  readonly buildTimeoutMs: number;
  readonly dispatcher: Dispatcher;
  readonly records: Records;
  readonly clock: Clock;
  readonly log: DriverLog;
}

const AT_ONCE_MAX = 4;

/**
 * Ends builds that take too long. One that runs is cancelled, and settles like any that fails: its instance is in `error` and nothing of
 * the guest is left. One that never began is ended where it stands.
 */
export class BuildTimeout {
  readonly #options: BuildTimeoutOptions;

  constructor(options: BuildTimeoutOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { records, host, buildTimeoutMs, clock } = this.#options;
    for await (const page of instancePages(records.store, { host, vmState: ['building'] }, { signal })) {
      const overdue = page.filter((each) => each.vmStateSinceMs <= clock.now() - buildTimeoutMs);
      await inParallel(overdue, { countMax: AT_ONCE_MAX, signal }, (instance) => this.#end(instance));
    }
  }

  async #end(instance: Instance): Promise<void> {
    const { dispatcher, records, buildTimeoutMs, log } = this.#options;
    const { taskOwner } = instance;
    const timeout = { operation: operations.build.verb, timeoutMs: buildTimeoutMs };
    const failure = new ComputeError('DEADLINE_EXCEEDED', timeout);
    if (taskOwner === null || dispatcher.cancel(taskOwner, failure)) return;
    log.warn({ instanceUuid: instance.uuid }, 'an instance has been building for too long and nobody builds it');
    try {
      const action = await records.store.getAction(taskOwner);
      if (action.state === 'queued') await endQueued(action, instance, failure, this.#options);
    } catch (missed) {
      // Called directly, without an action, or settled since.
      if (isComputeError(missed, 'ACTION_NOT_FOUND') || isComputeError(missed, 'UNEXPECTED_ACTION_STATE')) return;
      if (!isComputeError(missed, 'UNEXPECTED_TASK_STATE')) throw missed;
    }
  }
}

import type { AcceptedAction, Acceptance } from '../api/acceptance.js';
import { isComputeError, type Clock, type DriverLog } from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import type { OperationName } from '../model/operation-table.js';
import type { VmState } from '../model/vm-state.js';
import type { Records } from '../records/records.js';
import { inParallel } from './in-parallel.js';
import { instancePages } from './instance-pages.js';
import { serviceContext } from './service-context.js';

export interface OverdueInstancesOptions {
  readonly host: string;
  /** Which state comes to its end by itself, … */
  readonly vmState: VmState;
  /** … after how long, in milliseconds, … */
  readonly afterMs: number;
  /** … and by what. */
  readonly operation: OperationName;
  readonly acceptance: Pick<Acceptance, 'accept'>;
  readonly records: Records;
  readonly clock: Clock;
  readonly log: DriverLog;
}

/** A host has other things to do. */
const AT_ONCE_MAX = 4;

/** Has an operation carried out for each idle instance that has been in a vm state for too long, as anybody could ask for it. */
export class OverdueInstances {
  readonly #options: OverdueInstancesOptions;

  constructor(options: OverdueInstancesOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { records, host, vmState, afterMs, clock } = this.#options;
    for await (const page of instancePages(records.store, { host, vmState: [vmState] }, signal)) {
      const sinceMsMax = clock.now() - afterMs;
      const overdue = page.filter((each) => each.taskState === null && each.vmStateSinceMs <= sinceMsMax);
      await inParallel(overdue, { countMax: AT_ONCE_MAX, signal }, (instance) => this.#end(instance, signal));
    }
  }

  async #end(instance: Instance, signal: AbortSignal): Promise<void> {
    const { operation, log } = this.#options;
    log.info({ instanceUuid: instance.uuid, operation, vmState: instance.vmState }, 'the time of a state is over');
    const accepted = await this.#accept(instance, signal);
    if (!accepted) return;
    // The action goes on when this run is over; how it ends is on record.
    const over = Promise.withResolvers<void>();
    const leave = (): void => over.resolve();
    signal.addEventListener('abort', leave, { once: true });
    await Promise.race([accepted.finished, over.promise]);
    signal.removeEventListener('abort', leave);
  }

  async #accept(instance: Instance, signal: AbortSignal): Promise<AcceptedAction | undefined> {
    const { acceptance, operation } = this.#options;
    try {
      const context = serviceContext(instance);
      const asked = { name: operation, context, instanceUuid: instance.uuid, options: { signal } };
      return await acceptance.accept(asked);
    } catch (failure) {
      // Somebody asked for something meanwhile.
      if (isComputeError(failure, 'INSTANCE_INVALID_STATE') || isComputeError(failure, 'UNEXPECTED_TASK_STATE')) return;
      throw failure;
    }
  }
}

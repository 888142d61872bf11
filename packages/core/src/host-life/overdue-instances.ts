import { isComputeError, type Clock, type DriverLog } from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import type { OperationName } from '../model/operation-table.js';
import type { VmState } from '../model/vm-state.js';
import type { Records } from '../records/records.js';
import type { AcceptedAction, Acceptance } from '../requests/acceptance.js';
import { ActionsInFlight } from './actions-in-flight.js';
import { inParallel } from './in-parallel.js';
import { instancePages } from '../store/instance-pages.js';
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

/**
 * Has an operation carried out for each idle instance that has been in a vm state for too long, as anybody could ask for it. A run waits
 * for places among the few that are carried out at once, and not for their ends.
 */
export class OverdueInstances {
  readonly #options: OverdueInstancesOptions;
  readonly #inFlight = new ActionsInFlight(AT_ONCE_MAX);

  constructor(options: OverdueInstancesOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { records, host, vmState, afterMs, clock } = this.#options;
    for await (const page of instancePages(records.store, { host, vmState: [vmState] }, { signal })) {
      const sinceMsMax = clock.now() - afterMs;
      const overdue = page.filter((each) => each.taskState === null && each.vmStateSinceMs <= sinceMsMax);
      await inParallel(overdue, { countMax: 1, signal }, (instance) => this.#end(instance, signal));
    }
  }

  async #end({ uuid, vmState }: Instance, signal: AbortSignal): Promise<void> {
    await this.#inFlight.begin(async () => {
      const { records, operation, log } = this.#options;
      // It may have waited for its place for long.
      const instance = await records.store.getInstance(uuid, { signal });
      if (instance.taskState !== null || instance.vmState !== vmState) return undefined;
      log.info({ instanceUuid: uuid, operation, vmState }, 'the time of a state is over');
      return await this.#accept(instance, signal);
    }, signal);
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

import type { ComputeApi } from '../api/compute-api.js';
import type { Dispatcher } from '../api/dispatcher.js';
import type { OperatorApi } from '../api/operator-api.js';
import type { ComputeEvents } from '../compute-events.js';
import type { Clock, DriverLog, ExternalEvent } from '../driver/index.js';
import type { GuardedDriver } from '../guard/guarded-driver.js';
import type { ComputeManager } from '../manager/compute-manager.js';
import type { ComputeEventInbox } from '../manager/external-event-inbox.js';
import { performOperation } from '../manager/perform-operation.js';
import type { PowerStateWatch } from '../manager/power-state-watch.js';
import type { Quarantine } from '../manager/quarantine.js';
import type { Records } from '../records.js';
import { recoverHost, type RecoverySummary } from '../recovery/recover-host.js';

export interface ComputeParts {
  readonly host: string;
  readonly drainMs: number;
  readonly api: ComputeApi;
  readonly operator: OperatorApi;
  readonly manager: ComputeManager;
  readonly dispatcher: Dispatcher;
  readonly driver: GuardedDriver;
  readonly events: ComputeEvents;
  readonly inbox: ComputeEventInbox;
  readonly quarantine: Quarantine;
  readonly watch: PowerStateWatch;
  readonly records: Records;
  readonly clock: Clock;
  readonly log: DriverLog;
}

/** A compute manager for one host, from its start to its end. */
export class Compute implements AsyncDisposable {
  readonly #parts: ComputeParts;
  #ended: Promise<void> | undefined;

  constructor(parts: ComputeParts) {
    this.#parts = parts;
  }

  /** For those who use instances. */
  get api(): ComputeApi {
    return this.#parts.api;
  }

  /** For those who look after the host. */
  get operator(): OperatorApi {
    return this.#parts.operator;
  }

  /** The operations themselves, for those who want to await one without a queue and an action. */
  get manager(): ComputeManager {
    return this.#parts.manager;
  }

  /** What happens in this process, as it happens. */
  get events(): ComputeEvents {
    return this.#parts.events;
  }

  /** Takes what another service tells of an instance's belongings, such as `network-vif-plugged`. */
  deliver(event: ExternalEvent): void {
    this.#parts.inbox.deliver(event);
  }

  /**
   * Connects the driver and settles what an earlier process left unfinished. Called once, before anything else.
   * @throws ComputeError what the driver's `initHost` rejects with; nothing is left connected then
   */
  async start(): Promise<RecoverySummary> {
    const { driver, events, watch } = this.#parts;
    try {
      await driver.initHost();
      const summary = await this.#recover();
      events.on('driver.event', (event) => watch.heed(event));
      return summary;
    } catch (failure) {
      await this.close();
      throw failure;
    }
  }

  /** Takes no more requests, lets what runs end or cancels it, and lets go of the hypervisor and the store. Guests go on. Idempotent. */
  close(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #end(): Promise<void> {
    const { dispatcher, drainMs, watch, quarantine, driver, records } = this.#parts;
    await dispatcher.close(drainMs);
    await watch.close();
    await quarantine.close();
    await driver.cleanupHost();
    await records.store.close();
  }

  async #recover(): Promise<RecoverySummary> {
    const { dispatcher, manager, quarantine } = this.#parts;
    return await recoverHost({
      ...this.#parts,
      setAside: (instanceUuid) => quarantine.hold(instanceUuid),
      redo: async (name, context, instance, action) => {
        const work = (signal?: AbortSignal): Promise<unknown> =>
          performOperation(manager, name, context, instance, signal ? { signal } : {});
        // The decorators have recorded a failure by the time it arrives here.
        if (!action)
          return await work().then(
            () => 'done' as const,
            () => 'failed' as const,
          );
        const { state } = await dispatcher.dispatch(action, work);
        return state === 'succeeded' ? 'done' : 'failed';
      },
    });
  }
}

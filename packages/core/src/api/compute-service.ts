import type { ExternalEvent } from '../driver/index.js';
import type { ComputeEvents } from '../model/compute-events.js';
import type { ExternalEventOutcome } from '../model/external-event-outcome.js';
import type { RequestContextFields } from '../model/request-context.js';
import type { Records } from '../records/records.js';
import type { Acceptance } from '../requests/acceptance.js';
import type { ExternalEventRouter } from '../requests/external-event-router.js';
import { CallerApi } from './caller-api.js';
import type { ComputeApi } from './compute-api.js';
import type { OperatorApi } from './operator-api.js';

export interface ComputeServiceParts {
  readonly api: ComputeApi;
  readonly operator: OperatorApi;
  readonly acceptance: Acceptance;
  readonly router: ExternalEventRouter;
  /** Ends the waiting for actions that other processes carry out. */
  readonly stopWaiting: () => void;
  readonly records: Records;
  readonly events: ComputeEvents;
}

/**
 * What tenants and operators call, for every host of a fleet. It has no driver: what only a host knows it asks of that host. It needs no start,
 * and any number of them may serve the same store.
 */
export class ComputeService implements AsyncDisposable {
  readonly #parts: ComputeServiceParts;

  constructor(parts: ComputeServiceParts) {
    this.#parts = parts;
  }

  /**
   * The API in the hands of one caller: `compute.as({ projectId: 'acme', userId: 'ann' }).instances.list()`. Without a `role` it is a tenant's.
   * @throws ComputeError `INVALID_INPUT`
   */
  as(caller: RequestContextFields): CallerApi {
    return new CallerApi(this.#parts, caller);
  }

  /** For those who use instances. */
  get api(): ComputeApi {
    return this.#parts.api;
  }

  /** For those who look after the hosts. */
  get operator(): OperatorApi {
    return this.#parts.operator;
  }

  /** What happens in this process, as it happens. */
  get events(): ComputeEvents {
    return this.#parts.events;
  }

  /** Takes what another service tells of an instance's belongings, such as `network-vif-plugged`, and returns at once. */
  deliver(event: ExternalEvent): void {
    this.#parts.router.deliver(event);
  }

  /** Takes many such events, and answers what became of each, in their order: one that is refused harms no other. Never rejects. */
  async deliverAll(events: readonly ExternalEvent[]): Promise<readonly ExternalEventOutcome[]> {
    return await this.#parts.router.deliverAll(events);
  }

  /** Takes no more requests. What was accepted goes on at its hosts; who waits here for its end is answered with the action as it is. Idempotent. */
  async close(): Promise<void> {
    const { acceptance, router, stopWaiting } = this.#parts;
    acceptance.close();
    await router.close();
    stopWaiting();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

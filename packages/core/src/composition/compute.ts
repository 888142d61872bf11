import type { CallerApi } from '../api/caller-api.js';
import type { ComputeApi } from '../api/compute-api.js';
import type { ComputeService } from '../api/compute-service.js';
import type { OperatorApi } from '../api/operator-api.js';
import type { ExternalEvent } from '../driver/index.js';
import type { ComputeHost } from './compute-host.js';
import type { DrainReport } from '../host-life/host-life.js';
import type { ComputeManager } from '../manager/compute-manager.js';
import type { ComputeEvents } from '../model/compute-events.js';
import type { ExternalEventOutcome } from '../model/external-event-outcome.js';
import type { RequestContextFields } from '../model/request-context.js';
import type { RecoverySummary } from '../recovery/recover-host.js';

export interface ComputeParts {
  readonly service: ComputeService;
  readonly host: ComputeHost;
}

/** A host and its service in one process: a whole compute manager, from its start to its end. */
export class Compute implements AsyncDisposable {
  /** What tenants and operators call. */
  readonly service: ComputeService;
  /** What looks after the host of this process. */
  readonly host: ComputeHost;

  constructor({ service, host }: ComputeParts) {
    this.service = service;
    this.host = host;
  }

  /** See {@link ComputeService.as}. @throws ComputeError `INVALID_INPUT` */
  as(caller: RequestContextFields): CallerApi {
    return this.service.as(caller);
  }

  /** For those who use instances. */
  get api(): ComputeApi {
    return this.service.api;
  }

  /** For those who look after the host. */
  get operator(): OperatorApi {
    return this.service.operator;
  }

  /** The operations themselves, for those who want to await one without a queue and an action. */
  get manager(): ComputeManager {
    return this.host.manager;
  }

  /** What happens in this process, as it happens. */
  get events(): ComputeEvents {
    return this.host.events;
  }

  /** See {@link ComputeService.deliver}. */
  deliver(event: ExternalEvent): void {
    this.service.deliver(event);
  }

  /** See {@link ComputeService.deliverAll}. */
  async deliverAll(events: readonly ExternalEvent[]): Promise<readonly ExternalEventOutcome[]> {
    return await this.service.deliverAll(events);
  }

  /** See {@link ComputeHost.start}. Called once, before anything else. */
  async start(): Promise<RecoverySummary> {
    return await this.host.start();
  }

  /** See {@link ComputeHost.recovered}. */
  async recovered(): Promise<void> {
    await this.host.recovered();
  }

  /** See {@link ComputeHost.drain}. */
  async drain(options: { readonly waitMs?: number } = {}): Promise<DrainReport> {
    return await this.host.drain(options);
  }

  /** Takes no more requests, lets what runs end or cancels it, and lets go of the hypervisor and the host. Guests go on; the store stays open, it is its
   * owner's. Idempotent. */
  async close(): Promise<void> {
    await this.host.close();
    await this.service.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

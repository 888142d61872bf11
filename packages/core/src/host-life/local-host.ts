import type { HostUsage, ResourceClaims } from '../claims/resource-claims.js';
import type { Dispatcher } from '../dispatch/dispatcher.js';
import { type CallOptions, type Diagnostics, type GuestInspection, type PowerState } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { ComputeManager } from '../manager/compute-manager.js';
import type { ConsoleAccess, ConsoleGrant } from '../model/console-token.js';
import type { ExternalEventOutcome } from '../model/external-event-outcome.js';
import type { HostHealth } from '../model/host-health.js';
import { checkedContext, contextOfAction } from '../model/request-context.js';
import type {
  ActionRequest,
  ConsoleOutputCall,
  ConsoleTokenCall,
  CreateConsoleCall,
  EventsCall,
  GuestCall,
  HostCalls,
  RunActionRequest,
} from '../peers/host-calls.js';
import type { Records } from '../records/records.js';
import type { ExternalEventRouter } from '../requests/external-event-router.js';
import { HostControl, type HostControlDeps } from './host-control.js';
import type { HostLife } from './host-life.js';

export interface LocalHostDeps extends HostControlDeps {
  readonly host: string;
  readonly driver: GuestDriver;
  readonly manager: ComputeManager;
  readonly dispatcher: Dispatcher;
  readonly claims: ResourceClaims;
  readonly hostLife: HostLife;
  readonly router: Pick<ExternalEventRouter, 'deliverHere'>;
  readonly records: Records;
}

/** This process's host as services ask it: those in this process by a plain call, all others through the peers port. */
export class LocalHost extends HostControl implements HostCalls {
  readonly #deps: LocalHostDeps;

  constructor(deps: LocalHostDeps) {
    super(deps);
    this.#deps = deps;
  }

  get name(): string {
    return this.#deps.host;
  }

  async runAction({ actionUuid, secrets }: RunActionRequest, options?: CallOptions): Promise<void> {
    const { records, dispatcher, host } = this.#deps;
    const action = await records.store.getAction(actionUuid, options);
    if (action.host !== host || action.state !== 'queued') return;
    const instance = await records.store.getInstance(action.instanceUuid, options);
    // The sweep of the queue may have been quicker.
    if (dispatcher.isRunning(actionUuid)) return;
    // Cancelled, preempted or overdue meanwhile: the queue of the host is swept for these.
    if (instance.taskOwner !== actionUuid || action.cancelRequestedAtMs !== null || !dispatcher.hasRoom) return;
    void dispatcher.dispatch({ action, context: contextOfAction(action), instance, ...(secrets && { secrets }) });
  }

  cancelAction({ actionUuid }: ActionRequest): Promise<boolean> {
    return Promise.resolve(this.#deps.dispatcher.cancel(actionUuid));
  }

  async getConsoleOutput(
    { context, instance, lengthBytesMax }: ConsoleOutputCall,
    options: CallOptions = {},
  ): Promise<Uint8Array> {
    const asked = { ...options, ...(lengthBytesMax !== undefined && { lengthBytesMax }) };
    return await this.#deps.manager.getConsoleOutput(checkedContext(context), instance, asked);
  }

  async createConsole(
    { context, instance, consoleType, tokenMs }: CreateConsoleCall,
    options?: CallOptions,
  ): Promise<ConsoleAccess> {
    const { consoles } = this.#deps.manager;
    return await consoles.create(checkedContext(context), instance, consoleType, { ...options, tokenMs });
  }

  async validateConsole({ token }: ConsoleTokenCall, options?: CallOptions): Promise<ConsoleGrant> {
    return await this.#deps.manager.consoles.validate(token, options);
  }

  async getDiagnostics({ context, instance }: GuestCall, options?: CallOptions): Promise<Diagnostics> {
    return await this.#deps.manager.getDiagnostics(checkedContext(context), instance, options);
  }

  async inspect({ context, instance }: GuestCall, options?: CallOptions): Promise<GuestInspection> {
    return await this.#deps.manager.inspectInstance(checkedContext(context), instance, options);
  }

  async getPowerState({ instance }: GuestCall, options?: CallOptions): Promise<PowerState> {
    return (await this.#deps.driver.inspect({ instance }, options)).powerState;
  }

  async abortLiveMigration({ context, instance }: GuestCall, options?: CallOptions): Promise<void> {
    await this.#deps.manager.moves.abortLiveMigration(checkedContext(context), instance, options);
  }

  async forceCompleteLiveMigration({ context, instance }: GuestCall, options?: CallOptions): Promise<void> {
    await this.#deps.manager.moves.forceCompleteLiveMigration(checkedContext(context), instance, options);
  }

  async deliverEvents({ events }: EventsCall): Promise<readonly ExternalEventOutcome[]> {
    return await this.#deps.router.deliverHere(events);
  }

  async health(_request: object, options?: CallOptions): Promise<HostHealth> {
    return await this.#deps.hostLife.health(options);
  }

  async usage(_request: object, options?: CallOptions): Promise<HostUsage> {
    return await this.#deps.claims.audit(options);
  }
}

import type { Dispatcher } from '../dispatch/dispatcher.js';
import { endQueued } from '../dispatch/end-queued.js';
import { refusalToBegin } from '../dispatch/refusal-to-begin.js';
import { forOperator, type Clock, type DriverLog } from '../driver/index.js';
import type { ComputeEventInbox } from '../external-events/external-event-inbox.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { LastMoment } from '../guard/last-moment.js';
import type { Providers } from '../guard/providers.js';
import type { ComputeManager } from '../manager/compute-manager.js';
import { performOperation } from '../manager/perform-operation.js';
import type { ComputeEvents } from '../model/compute-events.js';
import { knownFields } from '../model/known-fields.js';
import type { MoveKeeper } from '../moves/move-keeper.js';
import type { HostCalls } from '../peers/host-calls.js';
import type { HostTenure } from '../records/host-tenure.js';
import type { Records } from '../records/records.js';
import { recoverHost, type HostRecoveryOptions, type RecoverySummary } from '../recovery/recover-host.js';
import type { Interrupted } from '../recovery/recover-instance.js';
import { settleMove } from '../recovery/settle-move.js';
import { settleSetAside } from '../recovery/settle-set-aside.js';
import { checkedRequest } from '../requests/checked-request.js';
import type { ExternalEventRouter } from '../requests/external-event-router.js';
import { whole } from '../requests/fields.js';
import type { Quarantine } from '../runner/quarantine.js';
import type { DrainReport, HostLife } from '../host-life/host-life.js';
import { unservedHosts } from '../host-life/unserved-hosts.js';

export interface ComputeHostParts {
  readonly host: string;
  readonly drainMs: number;
  readonly manager: ComputeManager;
  readonly dispatcher: Dispatcher;
  readonly driver: GuestDriver;
  readonly events: ComputeEvents;
  readonly inbox: ComputeEventInbox;
  readonly router: ExternalEventRouter;
  readonly quarantine: Quarantine;
  readonly life: HostLife;
  readonly calls: HostCalls;
  readonly tenure: HostTenure;
  readonly moves: MoveKeeper;
  readonly lastMoment: LastMoment;
  readonly records: Records;
  readonly providers: Providers;
  readonly clock: Clock;
  readonly log: DriverLog;
}

const drainOptions = knownFields({ waitMs: whole(0, 86_400_000).optional() }, 'an object of options');

/** Looks after one host, from its start to its end: carries out what any service has accepted for it, and answers what only its driver knows. */
export class ComputeHost implements AsyncDisposable {
  readonly #parts: ComputeHostParts;
  readonly #redoing = new Set<Promise<void>>();
  #ended: Promise<void> | undefined;

  constructor(parts: ComputeHostParts) {
    this.#parts = parts;
  }

  /** The name of the host in every record. */
  get host(): string {
    return this.#parts.host;
  }

  /** The operations themselves, for those who want to await one without a queue and an action. */
  get manager(): ComputeManager {
    return this.#parts.manager;
  }

  /** What happens in this process, as it happens. */
  get events(): ComputeEvents {
    return this.#parts.events;
  }

  /**
   * Takes the host, connects the driver, and settles what an earlier process left unfinished; what has to be done again goes on
   * afterwards. Called once, before anything else.
   * @throws ComputeError `HOST_TAKEN` when another process looks after the host and lives; `NOT_SUPPORTED` when the driver
   * cannot do what `hostLife` asks for; what the driver's `initHost` rejects with.
   * Nothing is left connected then
   */
  async start(): Promise<RecoverySummary> {
    const { driver, events, life, calls, tenure, moves, providers, records } = this.#parts;
    try {
      life.check();
      records.fence(await tenure.begin(), () => tenure.recheck());
      events.on('session.lost', () => void this.#endOnce());
      await driver.initHost({});
      await providers.introduce(this.#parts);
      await life.recallMode();
      await moves.open(calls);
      const summary = await this.#recover();
      await this.#warnOfUnserved();
      await life.compareFirst();
      // Services send instances here from now on.
      await life.describe();
      life.open();
      return summary;
    } catch (failure) {
      await this.close();
      // Who starts a service is an operator.
      throw forOperator(failure);
    }
  }

  /** Resolves when nothing runs any more that a predecessor had begun: `start` does not wait for what has to be done again. */
  async recovered(): Promise<void> {
    while (this.#redoing.size > 0) await Promise.all(this.#redoing);
  }

  /**
   * Accepts nothing new on this host and begins nothing by itself, lets what runs go on, and tells what is left when nothing runs any more,
   * or after `waitMs`, at most a day. Default of that: `drainMs`. Followed by {@link close}, which cancels; nothing takes it back.
   */
  async drain(options: { readonly waitMs?: number } = {}): Promise<DrainReport> {
    const { waitMs = this.#parts.drainMs } = checkedRequest(drainOptions, options, 'options');
    return await this.#parts.life.drain(waitMs);
  }

  /** Takes no more requests, lets what runs end or cancels it, and lets go of the hypervisor and the host. Guests go on; the store stays open, it is its
   * owner's. Idempotent. */
  async close(): Promise<void> {
    await this.#endOnce();
    this.#parts.dispatcher.stopWaiting();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #endOnce(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<void> {
    const { dispatcher, drainMs, inbox, router, life, quarantine, moves, driver, tenure, records } = this.#parts;
    using _calls = this.#parts.lastMoment;
    // Whoever has lost the host has nothing to finish on it.
    const dispatched = tenure.isLost ? dispatcher.abandon() : dispatcher.close(drainMs);
    await Promise.all([dispatched, life.close()]);
    inbox.close();
    // What waits in a call from here on has nobody to wait for it.
    records.giveUpWriting();
    await router.close();
    await this.recovered();
    await quarantine.close();
    await moves.close();
    await driver.cleanupHost({});
    await tenure.end();
  }

  async #warnOfUnserved(): Promise<void> {
    const { records, host, log } = this.#parts;
    const hosts = await unservedHosts(records.store, host);
    if (hosts.length > 0) log.warn({ host, hosts }, 'hosts without a manager: was this host renamed?');
  }

  async #recover(): Promise<RecoverySummary> {
    const { quarantine, moves } = this.#parts;
    const ways: HostRecoveryOptions = {
      ...this.#parts,
      setAside: (instanceUuid) => quarantine.hold(instanceUuid),
      redo: (interrupted) => this.#redo(interrupted),
      settleMove: (interrupted) => settleMove(interrupted, this.#parts),
    };
    quarantine.settleWith((instanceUuid, guest, release) =>
      settleSetAside(instanceUuid, guest, release, { ...this.#parts, ...ways }),
    );
    await moves.cleanUp();
    const summary = await recoverHost(ways);
    for (const instanceUuid of await moves.unsettled()) quarantine.hold(instanceUuid);
    return summary;
  }

  #redo(interrupted: Interrupted): void {
    const redone = this.#doAgain(interrupted).finally(() => this.#redoing.delete(redone));
    this.#redoing.add(redone);
  }

  /** Never rejects. */
  async #doAgain({ name, context, instance, action }: Interrupted): Promise<void> {
    const { dispatcher, manager, clock, log } = this.#parts;
    const refusal = action?.state === 'queued' ? refusalToBegin(action, clock.now()) : undefined;
    if (action && !refusal) {
      await dispatcher.dispatch({ action, context, instance });
      return;
    }
    try {
      if (action && refusal) {
        await endQueued(action, instance, refusal, this.#parts);
        return;
      }
      await performOperation(manager, name, context, instance, {}, {});
    } catch (failure) {
      // The decorators have recorded it by the time it arrives here.
      log.warn({ err: failure, instanceUuid: instance.uuid }, 'an operation that was done again has failed');
    }
  }
}

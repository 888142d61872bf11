import type { ResourceClaims } from '../claims/resource-claims.js';
import type { Dispatcher } from '../dispatch/dispatcher.js';
import { supports, type CallOptions, type Clock, type DriverLog } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { InstanceLanes } from '../guard/instance-lanes.js';
import { settleWithin } from '../guard/settle.js';
import type { Providers } from '../guard/providers.js';
import type { ComputeEvents } from '../model/compute-events.js';
import type { HostHealth } from '../model/host-health.js';
import type { InstanceAction } from '../model/instance-action.js';
import type { HostModeSwitch } from '../records/host-mode.js';
import type { HostTenure } from '../records/host-tenure.js';
import type { Records } from '../records/records.js';
import type { Acceptance } from '../requests/acceptance.js';
import type { Quarantine } from '../runner/quarantine.js';
import { BootResume } from './boot-resume.js';
import { describeHost } from './describe-host.js';
import { GuestAudit } from './guest-audit.js';
import { readHealth } from './host-health.js';
import { hostTasks } from './host-tasks.js';
import { HypervisorContact } from './hypervisor-contact.js';
import type { CheckedLife } from './life-configuration.js';
import { PeriodicTasks } from './periodic-tasks.js';
import { PowerReaction } from './power-reaction.js';
import { PowerSync } from './power-sync.js';
import { ProviderAudit } from './provider-audit.js';

export interface HostLifeParts {
  readonly host: string;
  readonly life: CheckedLife;
  readonly driverName: string;
  readonly mode: HostModeSwitch;
  readonly driver: GuestDriver;
  readonly providers: Providers;
  readonly claims: ResourceClaims;
  readonly acceptance: Acceptance;
  readonly dispatcher: Dispatcher;
  readonly lanes: InstanceLanes;
  readonly quarantine: Quarantine;
  readonly tenure: HostTenure;
  readonly records: Records;
  readonly events: ComputeEvents;
  readonly clock: Clock;
  readonly log: DriverLog;
}

/** What a drain has left. */
export interface DrainReport {
  /** What still runs here. */
  readonly running: readonly InstanceAction[];
  /** What was accepted for this host and not begun: the next process begins it. */
  readonly queued: readonly InstanceAction[];
}

/** A host of many guests needs seconds; one whose hypervisor does not answer is not to keep its manager from starting. */
const FIRST_SYNC_MS = 60_000;
const FIRST_SYNC_GRACE_MS = 10_000;
const DESCRIBE_MS = 60_000;

/** What a host does by itself, from the start of its manager to its end. */
export class HostLife {
  readonly #parts: HostLifeParts;
  readonly #powerSync: PowerSync;
  readonly #guestAudit: GuestAudit;
  readonly #providerAudit: ProviderAudit;
  readonly #tasks: PeriodicTasks;
  readonly #hypervisor: HypervisorContact;
  readonly #stopFollowing: () => void;
  readonly #closing = new AbortController();
  #state: 'new' | HostHealth['state'] = 'new';
  #opened: Promise<void> = Promise.resolve();
  #stopListening: () => void = () => undefined;

  constructor(parts: HostLifeParts) {
    this.#parts = parts;
    this.#hypervisor = new HypervisorContact(parts);
    this.#stopFollowing = parts.events.on('driver.event', (event) => {
      this.#hypervisor.handle(event);
      // A daemon that was upgraded may be able to do something else.
      if (event.type === 'available' && this.#state === 'running') void this.describe();
    });
    const reaction = new PowerReaction({ ...parts, table: parts.life.powerStatePolicy });
    this.#powerSync = new PowerSync({ ...parts, reaction, onResync: () => this.#tasks.hasten('powerSync') });
    this.#guestAudit = new GuestAudit({ ...parts, guestsOfDeleted: parts.life.guestsOfDeleted });
    this.#providerAudit = new ProviderAudit({ ...parts, providerDeviations: parts.life.providerDeviations });
    const [powerSync, guestAudit, providerAudit] = [this.#powerSync, this.#guestAudit, this.#providerAudit];
    this.#tasks = new PeriodicTasks(hostTasks({ ...parts, powerSync, guestAudit, providerAudit }), parts);
  }

  /** Whether the configuration can be followed. Before anything is changed. @throws ComputeError `NOT_SUPPORTED` */
  check(): void {
    const { life, driver } = this.#parts;
    if (life.guestsOnHostBoot === 'resume') driver.with('resumeOnHostBoot');
    if (life.mode === 'maintenance') driver.with('hostMaintenance');
  }

  /** Puts on record what the host can do, for the services of other processes. Never rejects: the record is then older than the host. */
  async describe(): Promise<void> {
    const { mode, clock, log } = this.#parts;
    const deadline = { clock, timeoutMs: DESCRIBE_MS, graceMs: FIRST_SYNC_GRACE_MS, signal: this.#closing.signal };
    const { settled } = await settleWithin(deadline, async (signal) => {
      await mode.describe(await describeHost(this.#parts, { signal }), { signal });
    });
    if (settled === 'never') log.warn({}, 'host description abandoned');
    else if (settled.status === 'rejected') log.warn({ err: settled.reason }, 'host description not recorded');
  }

  /** Takes up the mode that the host was set to, and tells the hypervisor, which may have forgotten or never heard of it. */
  async recallMode(): Promise<void> {
    const { mode, driver, log } = this.#parts;
    const recalled = await mode.recall();
    if (recalled === undefined || !supports(driver, 'hostMaintenance')) return;
    try {
      await driver.with('hostMaintenance').setHostMode({ mode: recalled });
    } catch (failure) {
      log.error({ err: failure, mode: recalled }, 'the hypervisor could not be told the mode of its host');
    }
  }

  /**
   * Compares every guest with its record, so that whoever reads a record afterwards reads what is true now. Nothing is started or stopped yet. A
   * hypervisor that does not answer in time is not waited for: the comparison is `pending` in the health until it has been made. Never rejects.
   */
  async compareFirst(): Promise<void> {
    const { life, clock, log } = this.#parts;
    if (life.everyMs.powerSync === 0) return;
    const manner = life.guestsOnHostBoot === 'resume' ? 'look before resume' : 'look';
    const deadline = { clock, timeoutMs: FIRST_SYNC_MS, graceMs: FIRST_SYNC_GRACE_MS, signal: this.#closing.signal };
    const { settled } = await settleWithin(deadline, (signal) => this.#powerSync.syncAll(signal, manner));
    if (settled === 'never') log.warn({}, 'first comparison of guests abandoned');
    else if (settled.status === 'rejected') log.warn({ err: settled.reason }, 'first comparison of guests failed');
  }

  /** Begins, once what an earlier process left is settled. Returns at once: no host waits for its slowest guest. */
  open(): void {
    if (this.#state !== 'new') return;
    this.#state = 'running';
    this.#opened = this.#begin();
  }

  async health(options?: CallOptions): Promise<HostHealth> {
    const state = this.#state === 'new' ? 'running' : this.#state;
    const { unknownGuests } = this.#guestAudit;
    const firstSync = this.#parts.life.everyMs.powerSync === 0 ? 'off' : this.#powerSync.firstSync;
    const { now: hypervisor } = this.#hypervisor;
    const { health: tasks } = this.#tasks;
    const { result: providerAudit } = this.#providerAudit;
    const own = { state, hypervisor, tasks, firstSync, unknownGuests, providerAudit } as const;
    return await readHealth(this.#parts, own, options);
  }

  /** From here on nothing begins by itself, and nothing is accepted here. Resolves when nothing runs, or when the time is up. */
  async drain(waitMs: number): Promise<DrainReport> {
    const { dispatcher, records, host, clock } = this.#parts;
    if (this.#state !== 'closed') this.#state = 'draining';
    const timeUp = new AbortController();
    const cancelTimer = clock.after(waitMs, () => timeUp.abort());
    // The dispatcher first: what the tasks had begun is waited for there.
    await Promise.all([dispatcher.drain(timeUp.signal), this.#tasks.close()]);
    cancelTimer();
    const unfinished = await records.store.listUnfinishedActions(host);
    return {
      running: dispatcher.running.map(({ action }) => action),
      queued: unfinished.filter(({ uuid, state }) => state === 'queued' && !dispatcher.isRunning(uuid)),
    };
  }

  /** Ends everything that goes on by itself. Idempotent. */
  async close(): Promise<void> {
    this.#state = 'closed';
    this.#stopListening();
    this.#stopFollowing();
    this.#providerAudit.close();
    this.#closing.abort();
    await this.#opened;
    await this.#tasks.close();
    await this.#powerSync.close();
  }

  /** Never rejects. */
  async #begin(): Promise<void> {
    const { life, log, events } = this.#parts;
    const { signal } = this.#closing;
    if (life.guestsOnHostBoot === 'resume') {
      try {
        await new BootResume(this.#parts).run(signal);
      } catch (failure) {
        if (!signal.aborted) log.error({ err: failure }, 'not every guest that ran could be started again');
      }
    }
    if (signal.aborted) return;
    // Events until here are caught up by the first power sync.
    this.#stopListening = events.on('driver.event', (event) => this.#powerSync.heed(event));
    this.#tasks.open();
  }
}

import type { Clock, HostResources, InstanceSpec, LifecycleTransition } from '@virtkit/core/driver';
import { FaultPlan } from '../faults/fault-plan.js';
import type { EventFault } from '../faults/fault.js';
import { Journal } from '../faults/journal.js';
import { FakeConnection } from './fake-connection.js';
import { FakeHost, type HostSize } from './fake-host.js';
import type { GuestEvent } from './guest-event.js';
import type { GuestMaker, GuestView } from './guest-view.js';
import type { ShutdownManner } from './simulated-guest.js';

export interface FakeHypervisorOptions extends Partial<HostSize> {
  /** Every delay in the simulator passes on it. */
  readonly clock: Clock;
  /** Default: nothing goes wrong, until something is planned in {@link FakeHypervisor.faults}. */
  readonly faults?: FaultPlan;
  /** What guests do when asked to stop, unless {@link FakeHypervisor.setShutdownManner} says otherwise. Default 0: at once. */
  readonly shutdownManner?: ShutdownManner;
  /** Default 10,000. */
  readonly journalEntriesMax?: number;
}

/** Room for 10,000 guests of 4 GiB. A smaller host shows what happens when there is none left. */
const defaultSize: HostSize = {
  hypervisorHostname: 'fake-host',
  vcpus: 4_096,
  memoryMib: 40_960_000,
  diskGib: 1_048_576,
};

/**
 * A simulated hypervisor: a machine room whose state outlives every driver connected to it. Drivers reach it through
 * {@link connect} alone; the other methods are the hands of a test in the machine room.
 */
export class FakeHypervisor implements Disposable {
  readonly clock: Clock;
  /** What will go wrong. */
  readonly faults: FaultPlan;
  /** What was asked of drivers and of the hypervisor, in order. */
  readonly journal: Journal;
  readonly #host: FakeHost;
  readonly #connections = new Set<FakeConnection>();
  readonly #shutdownManner: ShutdownManner;
  /** Ends what the simulator itself is waiting for: guests about to stop, events under way. */
  readonly #background = new AbortController();
  /** How the events of the step at work are delivered. Steps are done at once, so there is never more than one. */
  #eventFault: EventFault | undefined;

  constructor(options: FakeHypervisorOptions) {
    this.clock = options.clock;
    this.faults = options.faults ?? new FaultPlan();
    this.journal = new Journal(options.journalEntriesMax ?? 10_000);
    this.#shutdownManner = options.shutdownManner ?? 0;
    const size: HostSize = {
      hypervisorHostname: options.hypervisorHostname ?? defaultSize.hypervisorHostname,
      vcpus: options.vcpus ?? defaultSize.vcpus,
      memoryMib: options.memoryMib ?? defaultSize.memoryMib,
      diskGib: options.diskGib ?? defaultSize.diskGib,
    };
    this.#host = new FakeHost(size, (uuid, maker, transition) => this.#tell(uuid, maker, transition));
  }

  /** For drivers. Nothing is sent yet; {@link FakeConnection.open} does. */
  connect(options: { readonly latencyMs: number; readonly onGuestEvent: (event: GuestEvent) => void }): FakeConnection {
    return new FakeConnection({
      ...options,
      clock: this.clock,
      faults: this.faults,
      journal: this.journal,
      host: this.#host,
      register: (connection) => this.#connections.add(connection),
      unregister: (connection) => this.#connections.delete(connection),
      askToStop: (uuid) => this.#askToStop(uuid),
      withEvents: (fault, work) => this.#withEvents(fault, work),
    });
  }

  /** What is held under a uuid now. For a uuid nobody knows: no guest, and nothing of one. */
  look(uuid: string): GuestView {
    return this.#host.view(uuid);
  }

  get resources(): HostResources {
    return this.#host.resources;
  }

  guestUuids(maker: GuestMaker = 'virtkit'): readonly string[] {
    return [...this.#host.uuids(maker)];
  }

  /** Makes a running guest that no driver of Virtkit made, with a disk. */
  addForeignGuest(spec: InstanceSpec): void {
    this.#host.createDisk(spec.uuid, { id: 'root', sizeGib: spec.flavor.rootDiskGib });
    for (const { id } of spec.networkInterfaces) this.#host.plugVif(spec.uuid, id);
    this.#host.define(spec, 'stranger');
    this.#host.start(spec.uuid, 'running');
  }

  /** The guest dies. */
  crashGuest(uuid: string): void {
    this.#host.crash(uuid);
  }

  /** Somebody inside shuts the guest down. */
  stopGuest(uuid: string): void {
    this.#host.stop(uuid, 'stopFromInside');
  }

  /** Somebody removes the guest behind the driver's back. Its disks, vifs and saved memory stay. */
  loseGuest(uuid: string): void {
    this.#host.lose(uuid);
  }

  /** The running guest writes to its serial port. */
  writeConsole(uuid: string, text: string | Uint8Array): void {
    this.#host.guest(uuid).write(typeof text === 'string' ? Buffer.from(text) : text);
  }

  /** What this guest does when asked to stop. */
  setShutdownManner(uuid: string, manner: ShutdownManner): void {
    this.#host.guest(uuid).shutdownManner = manner;
  }

  /** Cuts every connection, as a restart of the hypervisor's daemon does. Guests go on; drivers get no answers any more. */
  dropConnections(): void {
    for (const connection of this.#connections) connection.close();
  }

  /** Ends the simulator's own waits; with a real clock, the process can exit then. State stays. Idempotent. */
  [Symbol.dispose](): void {
    this.#background.abort();
    this.dropConnections();
  }

  #askToStop(uuid: string): void {
    const guest = this.#host.guest(uuid);
    guest.go('askToStop');
    const manner = guest.shutdownManner ?? this.#shutdownManner;
    if (manner === 'never') return;
    const { life } = guest;
    this.#later(manner, () => {
      const present = this.#host.view(uuid).guest;
      if (present?.state === 'running' && present.life === life) this.#host.stop(uuid, 'stopFromInside');
    });
  }

  #withEvents<T>(fault: EventFault, work: () => T): T {
    this.#eventFault = fault;
    try {
      return work();
    } finally {
      this.#eventFault = undefined;
    }
  }

  #tell(uuid: string, maker: GuestMaker, transition: LifecycleTransition): void {
    const fault = this.#eventFault;
    const event: GuestEvent = { uuid, maker, transition, occurredAtMs: this.clock.now() };
    if (fault?.delivery === 'never') return;
    if (fault?.delivery === 'late') {
      this.#later(fault.delayMs, () => this.#deliver(event));
      return;
    }
    this.#deliver(event);
    if (fault?.delivery === 'twice') this.#deliver(event);
  }

  #deliver(event: GuestEvent): void {
    for (const connection of this.#connections) connection.deliver(event);
  }

  /** The keeper of the simulator's background waits: they end when they are due or when the simulator is disposed. */
  #later(delayMs: number, work: () => void): void {
    if (delayMs === 0) {
      work();
      return;
    }
    this.clock.sleep(delayMs, { signal: this.#background.signal }).then(work, () => {});
  }
}

import type { Clock, HostResources, InstanceSpec, LifecycleTransition } from '@virtkit/core/driver';
import { FaultPlan } from '../faults/fault-plan.js';
import type { EventFault } from '../faults/fault.js';
import { Journal } from '../faults/journal.js';
import { FakeConnection, type ConnectionParts } from './fake-connection.js';
import { FakeFabric } from './fake-fabric.js';
import { FakeHost, type HostMode } from './fake-host.js';
import { HostPower } from './host-power.js';
import type { FakeStorage } from './fake-storage.js';
import type { GuestInterior } from './guest-agent.js';
import { hasDevice, type DeviceKind } from './guest-device.js';
import type { DetachManner } from './guest-doings.js';
import type { GuestEvent } from './guest-event.js';
import { lookAt, type GuestLook } from './guest-look.js';
import type { GuestMaker } from './guest-view.js';
import type { HostSize } from './host-size.js';
import type { ShutdownManner } from './simulated-guest.js';

export interface FakeHypervisorOptions extends Partial<HostSize> {
  /** Every delay in the simulator passes on it. */
  readonly clock: Clock;
  /** Default: nothing goes wrong, until something is planned in {@link FakeHypervisor.faults}. */
  readonly faults?: FaultPlan;
  /** What guests do when asked to stop, unless {@link FakeHypervisor.setShutdownManner} says otherwise. Default 0: at once. */
  readonly shutdownManner?: ShutdownManner;
  /** What guests do when asked to let go of a device, unless {@link FakeHypervisor.setDetachManner} says otherwise. Default 0: at once. */
  readonly detachManner?: DetachManner;
  /** How many disks a guest can have beside its own, and how many interfaces. Default 28, as many as a PCI bus has slots left. */
  readonly deviceCountMax?: number;
  /** What joins it with other hosts: a `FakeDatacenter` gives it. Default: it is alone. */
  readonly fabric?: FakeFabric;
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
  /** Where disks and volumes lie, and the hands of a test in it. */
  readonly storage: FakeStorage;
  readonly #host: FakeHost;
  readonly #hostPower: HostPower;
  readonly #connections = new Set<FakeConnection>();
  readonly #shutdownManner: ShutdownManner;
  readonly #detachManner: DetachManner;
  /** Ends what the simulator itself is waiting for: guests about to stop, events under way. */
  readonly #background = new AbortController();
  /** How the events of the step at work are delivered. Steps are done at once, so there is never more than one. */
  #eventFault: EventFault | undefined;

  constructor(options: FakeHypervisorOptions) {
    this.clock = options.clock;
    this.faults = options.faults ?? new FaultPlan();
    this.journal = new Journal(options.journalEntriesMax ?? 10_000);
    this.#shutdownManner = options.shutdownManner ?? 0;
    this.#detachManner = options.detachManner ?? 0;
    const fabric = options.fabric ?? new FakeFabric();
    this.storage = fabric.storageForHost();
    const size: HostSize = {
      hypervisorHostname: options.hypervisorHostname ?? defaultSize.hypervisorHostname,
      vcpus: options.vcpus ?? defaultSize.vcpus,
      memoryMib: options.memoryMib ?? defaultSize.memoryMib,
      diskGib: options.diskGib ?? defaultSize.diskGib,
    };
    this.#host = new FakeHost({
      size,
      clock: this.clock,
      storage: this.storage,
      fabric,
      deviceCountMax: options.deviceCountMax ?? 28,
      tell: (uuid, maker, transition) => this.#tell(uuid, maker, transition),
    });
    fabric.join(this.#host);
    this.#hostPower = new HostPower(this.#host, this.clock, () => this.dropConnections());
  }

  /** For drivers. Nothing is sent yet; {@link FakeConnection.open} does. */
  connect(options: Pick<ConnectionParts, 'latencyMs' | 'onGuestEvent' | 'onDropped'>): FakeConnection {
    return new FakeConnection({
      ...options,
      clock: this.clock,
      faults: this.faults,
      journal: this.journal,
      host: this.#host,
      hostPower: this.#hostPower,
      register: (connection) => this.#connections.add(connection),
      unregister: (connection) => this.#connections.delete(connection),
      askToStop: (uuid) => this.#askToStop(uuid),
      askToDetach: (uuid, kind, deviceId) => this.#askToDetach(uuid, kind, deviceId),
      withEvents: (fault, work) => this.#withEvents(fault, work),
    });
  }

  /** By which other hosts reach it. */
  get name(): string {
    return this.#host.size.hypervisorHostname;
  }

  /** What is held under a uuid now. For a uuid nobody knows: no guest, and nothing of one. */
  look(uuid: string): GuestLook {
    return lookAt(this.#host, this.storage, uuid);
  }

  get resources(): HostResources {
    return this.#host.resources;
  }

  guestUuids(maker: GuestMaker = 'virtkit'): readonly string[] {
    return [...this.#host.uuids(maker)];
  }

  /** Makes a running guest that no driver of Virtkit made, with a disk. */
  addForeignGuest(spec: InstanceSpec): void {
    this.#host.disks.create(spec.uuid, { id: 'root', sizeGib: spec.flavor.rootDiskGib, imageId: spec.image.id });
    for (const { id } of spec.networkInterfaces) this.#host.vifs.plug(spec.uuid, id);
    this.#host.guests.define(spec, 'stranger');
    this.#host.guests.start(spec.uuid, 'running');
  }

  /** The inside of a guest. */
  lookInside(uuid: string): GuestInterior {
    return this.#host.guest(uuid).agent.look(this.clock.monotonicMs());
  }

  /** Whether the guest agent answers. At first it does. */
  setAgent(uuid: string, agent: 'present' | 'absent'): void {
    this.#host.guest(uuid).agent.answers = agent === 'present' ? 'yes' : 'no';
  }

  /** How fast the guest writes to its memory, at first not at all. At the bandwidth or above, its live migration never ends by itself. */
  setDirtyRate(uuid: string, mibPerS: number): void {
    this.#host.guest(uuid).dirtyMibPerS = mibPerS;
  }

  /** In which mode the host was set. */
  get mode(): HostMode {
    return this.#host.mode;
  }

  /** The host dies: its guests stop at once, and nobody gets an answer until it is switched on. Disks stay. */
  switchOff(): void {
    this.#hostPower.switchOff();
  }

  /** The host boots. Its guests are off. */
  switchOn(): void {
    this.#hostPower.switchOn();
  }

  /** The guest dies. */
  crashGuest(uuid: string): void {
    this.#host.guests.crash(uuid);
  }

  /** Somebody inside shuts the guest down. */
  stopGuest(uuid: string): void {
    this.#host.guests.stop(uuid, 'stopFromInside');
  }

  /** Somebody removes the guest behind the driver's back. Its disks, vifs and saved memory stay. */
  loseGuest(uuid: string): void {
    this.#host.guests.lose(uuid);
  }

  /** The running guest writes to its serial port. */
  writeConsole(uuid: string, text: string | Uint8Array): void {
    this.#host.guest(uuid).write(typeof text === 'string' ? Buffer.from(text) : text);
  }

  /** What this guest does when asked to stop. */
  setShutdownManner(uuid: string, manner: ShutdownManner): void {
    this.#host.guest(uuid).shutdownManner = manner;
  }

  /** The running guest writes to a disk it has: `root`, `rescue`, or a volume by its id. The mark is in its content then. */
  writeDisk(uuid: string, diskId: string, mark: string): void {
    this.#host.volumes.write(uuid, diskId, mark);
  }

  /** What this guest does when asked to let go of a device. */
  setDetachManner(uuid: string, manner: DetachManner): void {
    this.#host.guest(uuid).doings.detachManner = manner;
  }

  /** As if every image had been kept on the host for so much longer. */
  ageKeptImages(byMs: number): void {
    this.#host.images.age(byMs);
  }

  /** Drops every connection, as a restart of the hypervisor's daemon does. Guests go on; drivers connect anew. */
  dropConnections(): void {
    for (const connection of [...this.#connections]) connection.drop();
  }

  /** Ends the simulator's own waits; with a real clock, the process can exit then. State stays. Idempotent. */
  [Symbol.dispose](): void {
    this.#background.abort();
    this.#host.migrations.dispose();
    for (const connection of [...this.#connections]) connection.close();
  }

  #askToStop(uuid: string): void {
    const guest = this.#host.guest(uuid);
    guest.go('askToStop');
    const manner = guest.shutdownManner ?? this.#shutdownManner;
    if (manner === 'never') return;
    const { life } = guest;
    this.#later(manner, () => {
      const present = this.#host.view(uuid).guest;
      if (present?.state === 'running' && present.life === life) this.#host.guests.stop(uuid, 'stopFromInside');
    });
  }

  #askToDetach(uuid: string, kind: DeviceKind, deviceId: string): void {
    const guest = this.#host.guest(uuid);
    if (!hasDevice(guest.running, kind, deviceId)) return;
    const manner = guest.doings.detachManner ?? this.#detachManner;
    if (manner === 'never') return;
    const { life } = guest;
    this.#later(manner, () => {
      if (this.#host.view(uuid).guest?.life === life) this.#host.devices.remove(uuid, kind, deviceId, 'live');
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

import type { Clock, InstanceSpec, LifecycleTransition } from '@virtkit/core/driver';
import { FakeHypervisorError } from './fake-hypervisor-error.js';
import type { FakeStorage } from './fake-storage.js';
import type { BootSource, GuestMaker } from './guest-view.js';
import type { Holdings } from './holding.js';
import type { HostSize } from './host-size.js';
import { SimulatedGuest } from './simulated-guest.js';

/** The highest life that any guest has had, on all hosts that guests can move between. */
export interface Lives {
  last: number;
}

export interface HostGuestsParts {
  readonly size: HostSize;
  readonly holdings: Holdings;
  readonly storage: FakeStorage;
  readonly clock: Clock;
  readonly lives: Lives;
  readonly tell: TellOfGuest;
}

export type TellOfGuest = (uuid: string, maker: GuestMaker, transition: LifecycleTransition) => void;

/** The lives of a host's guests: made, booted, stopped, saved, lost; and the memory they take. */
export class HostGuests {
  readonly #size: HostSize;
  readonly #holdings: Holdings;
  readonly #storage: FakeStorage;
  readonly #tell: TellOfGuest;
  readonly #clock: Clock;
  readonly #lives: Lives;
  #memoryUsedMib = 0;

  constructor({ size, holdings, storage, clock, lives, tell }: HostGuestsParts) {
    this.#size = size;
    this.#holdings = holdings;
    this.#storage = storage;
    this.#clock = clock;
    this.#lives = lives;
    this.#tell = tell;
  }

  get memoryUsedMib(): number {
    return this.#memoryUsedMib;
  }

  /** Makes a guest, shut off; or changes what the next start of one is made from. */
  define(spec: InstanceSpec, maker: GuestMaker): void {
    const holding = this.#holdings.of(spec.uuid);
    if (holding.guest !== undefined && holding.guest.maker !== maker) {
      throw new FakeHypervisorError('guest-exists', `operation failed: domain ${spec.uuid} already exists`);
    }
    holding.guest ??= new SimulatedGuest(maker, spec);
    holding.guest.definition = spec;
    this.#markDisks(spec);
  }

  /** The disks are the guest's, whoever they were made for: those of one that is around disks it found, or got its generation late. */
  #markDisks({ uuid, generation: madeFor }: InstanceSpec): void {
    const disks = this.#storage.disksOf(uuid);
    if (!madeFor || disks.every((disk) => disk.madeFor === madeFor)) return;
    this.#storage.setDisks(
      uuid,
      disks.map((disk) => ({ ...disk, madeFor })),
    );
  }

  bootFrom(uuid: string, source: BootSource): void {
    this.#holdings.guest(uuid).bootsFrom = source;
  }

  undefine(uuid: string): void {
    const guest = this.#holdings.guest(uuid);
    guest.go('undefine');
    const holding = this.#holdings.of(uuid);
    if (holding.savedMemory === 'present') {
      throw new FakeHypervisorError('invalid-state', `Refusing to undefine while domain managed save image exists`);
    }
    holding.guest = undefined;
    this.#holdings.forgetIfEmpty(uuid);
  }

  /** Boots a guest, its CPUs running or not. */
  start(uuid: string, cpus: 'running' | 'paused'): void {
    const guest = this.#readyToRun(uuid);
    if (this.#holdings.of(uuid).savedMemory === 'present') {
      throw new FakeHypervisorError('invalid-state', `domain '${guest.definition.name}' has a managed save image`);
    }
    guest.boot(cpus === 'running' ? 'start' : 'startPaused', this.#lives.last + 1);
    this.#lives.last += 1;
    guest.bootedAtMs = this.#clock.monotonicMs();
    this.#memoryUsedMib += guest.definition.flavor.memoryMib;
    this.#tell(uuid, guest.maker, 'started');
    if (cpus === 'paused') this.#tell(uuid, guest.maker, 'paused');
  }

  stop(uuid: string, how: 'stop' | 'stopFromInside' = 'stop'): void {
    const guest = this.#holdings.guest(uuid);
    const { state } = guest;
    this.#leaveMemory(guest, () => guest.go(how));
    if (state !== 'crashed') this.#tell(uuid, guest.maker, 'stopped');
  }

  pauseCpus(uuid: string): void {
    const guest = this.#holdings.guest(uuid);
    guest.go('pauseCpus');
    this.#tell(uuid, guest.maker, 'paused');
  }

  /** Memory that the guest was restored from is now out of date, and dropped. */
  resumeCpus(uuid: string): void {
    const guest = this.#holdings.guest(uuid);
    guest.go('resumeCpus');
    this.#holdings.of(uuid).savedMemory = 'absent';
    this.#tell(uuid, guest.maker, 'resumed');
  }

  saveMemory(uuid: string): void {
    const guest = this.#holdings.guest(uuid);
    this.#leaveMemory(guest, () => guest.go('saveMemory'));
    this.#holdings.of(uuid).savedMemory = 'present';
    this.#tell(uuid, guest.maker, 'suspended');
  }

  /** Brings the guest back as it was saved, its CPUs paused. The saved memory stays until they run: a failure loses nothing. */
  restoreMemory(uuid: string): void {
    const guest = this.#readyToRun(uuid);
    if (this.#holdings.of(uuid).savedMemory === 'absent') {
      throw new FakeHypervisorError('invalid-state', `domain '${guest.definition.name}' has no managed save image`);
    }
    guest.go('restoreMemory');
    this.#memoryUsedMib += guest.definition.flavor.memoryMib;
    this.#tell(uuid, guest.maker, 'paused');
  }

  /** None saved: nothing to do. */
  dropSavedMemory(uuid: string): void {
    const holding = this.#holdings.find(uuid);
    if (holding === undefined) return;
    holding.savedMemory = 'absent';
    this.#holdings.forgetIfEmpty(uuid);
  }

  crash(uuid: string): void {
    const guest = this.#holdings.guest(uuid);
    guest.go('crash');
    this.#tell(uuid, guest.maker, 'crashed');
  }

  /** The guest is gone from one moment to the next, as when somebody removed it by hand. Everything else of it stays. */
  lose(uuid: string): void {
    const guest = this.#holdings.guest(uuid);
    this.#memoryUsedMib -= guest.running?.flavor.memoryMib ?? 0;
    this.#holdings.of(uuid).guest = undefined;
    this.#holdings.forgetIfEmpty(uuid);
  }

  /** Whether a running guest of another host can go on here. @throws FakeHypervisorError */
  checkArrival(uuid: string, guest: SimulatedGuest): void {
    const { hypervisorHostname, memoryMib } = this.#size;
    const { blockDevices, flavor, networkInterfaces, name } = guest.running ?? guest.definition;
    const holding = this.#holdings.find(uuid);
    if (holding?.guest !== undefined) {
      throw new FakeHypervisorError(
        'guest-exists',
        `operation failed: domain '${name}' already exists with uuid ${uuid}`,
      );
    }
    const unplugged = networkInterfaces.find(({ id }) => !holding?.vifs.includes(id));
    if (unplugged !== undefined) {
      throw new FakeHypervisorError('refused', `Cannot get interface of '${unplugged.id}' on ${hypervisorHostname}`);
    }
    for (const { source } of blockDevices) this.#storage.volumeAt(source.path);
    if (this.#memoryUsedMib + flavor.memoryMib > memoryMib) {
      throw new FakeHypervisorError('no-memory', `cannot set up guest memory of '${name}' on ${hypervisorHostname}`);
    }
  }

  /** The host has lost its power: nothing runs, and no vif is there. What is saved is on a disk. */
  loseAllMemory(): void {
    for (const [uuid, guest] of [...this.#holdings.guests()]) {
      if (guest.state !== 'shut-off') guest.go('stop');
      this.#holdings.of(uuid).vifs = [];
    }
    this.#memoryUsedMib = 0;
  }

  /** The guest goes on elsewhere. */
  leave(uuid: string): void {
    const guest = this.#holdings.guest(uuid);
    this.#memoryUsedMib -= guest.running?.flavor.memoryMib ?? 0;
    this.#holdings.of(uuid).guest = undefined;
    this.#holdings.forgetIfEmpty(uuid);
    this.#tell(uuid, guest.maker, 'migration-completed');
  }

  /** The guest goes on here with the life it had, its CPUs as they were unless they were stopped for the move. */
  arrive(uuid: string, guest: SimulatedGuest, cpus: 'as they are' | 'run again'): void {
    this.#holdings.of(uuid).guest = guest;
    this.#memoryUsedMib += guest.running?.flavor.memoryMib ?? 0;
    if (cpus === 'run again') guest.go('resumeCpus');
    if (guest.state === 'running') this.#tell(uuid, guest.maker, 'resumed');
  }

  #readyToRun(uuid: string): SimulatedGuest {
    const guest = this.#holdings.guest(uuid);
    const { blockDevices, flavor, image, networkInterfaces, name } = guest.definition;
    const { vifs } = this.#holdings.of(uuid);
    const needed = [
      ...(image.location.disk === undefined ? [] : ['root']),
      ...(guest.bootsFrom === 'rescue-image' ? ['rescue'] : []),
    ];
    const disks = this.#storage.disksOf(uuid);
    const missing = needed.find((diskId) => !disks.some(({ id }) => id === diskId));
    if (missing !== undefined) {
      const message = `Cannot access storage file '/srv/fake/disks/${uuid}/${missing}': No such file or directory`;
      throw new FakeHypervisorError('cannot-start', message, 'disk');
    }
    for (const { source } of blockDevices) this.#storage.volumeAt(source.path);
    const unplugged = networkInterfaces.find(({ id }) => !vifs.includes(id));
    const { hypervisorHostname } = this.#size;
    if (unplugged !== undefined) {
      const message = `Cannot get interface of '${unplugged.id}' on ${hypervisorHostname}: No such device`;
      throw new FakeHypervisorError('cannot-start', message, 'network');
    }
    if (guest.running === undefined && this.#memoryUsedMib + flavor.memoryMib > this.#size.memoryMib) {
      const message = `cannot set up guest memory of '${name}' on ${hypervisorHostname}: Cannot allocate memory`;
      throw new FakeHypervisorError('no-memory', message);
    }
    return guest;
  }

  #leaveMemory(guest: SimulatedGuest, go: () => void): void {
    const memoryMib = guest.running?.flavor.memoryMib ?? 0;
    go();
    this.#memoryUsedMib -= memoryMib;
  }
}

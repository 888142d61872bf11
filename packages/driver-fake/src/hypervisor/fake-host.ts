import type { HostResources, InstanceSpec, LifecycleTransition } from '@virtkit/core/driver';
import { FakeHypervisorError } from './fake-hypervisor-error.js';
import type { FakeDisk, GuestMaker, GuestView } from './guest-view.js';
import { SimulatedGuest } from './simulated-guest.js';

export type HostSize = Pick<HostResources, 'vcpus' | 'memoryMib' | 'diskGib' | 'hypervisorHostname'>;

type TellOfGuest = (uuid: string, maker: GuestMaker, transition: LifecycleTransition) => void;

/** What the host holds under one uuid. A disk can be there without a guest, as on a real host. */
interface Holding {
  guest: SimulatedGuest | undefined;
  disks: readonly FakeDisk[];
  vifs: readonly string[];
  savedMemory: 'present' | 'absent';
}

/**
 * The machine room: guests, disks, vifs and saved memory, and what may be done with them in which order. Every change is one
 * call that happens at once or throws a FakeHypervisorError and has changed nothing; time, faults and answers that get
 * lost are its callers' business.
 */
export class FakeHost {
  readonly size: HostSize;
  readonly #tell: TellOfGuest;
  readonly #holdings = new Map<string, Holding>();
  #bootCount = 0;
  #memoryUsedMib = 0;
  #diskUsedGib = 0;

  constructor(size: HostSize, tell: TellOfGuest) {
    this.size = size;
    this.#tell = tell;
  }

  get resources(): HostResources {
    return {
      ...this.size,
      hypervisorType: 'fake',
      hypervisorVersion: '1.0.0',
      memoryUsedMib: this.#memoryUsedMib,
      diskUsedGib: this.#diskUsedGib,
    };
  }

  *uuids(maker: GuestMaker): Generator<string> {
    for (const [uuid, { guest }] of this.#holdings) if (guest?.maker === maker) yield uuid;
  }

  view(uuid: string): GuestView {
    const holding = this.#holdings.get(uuid);
    if (holding === undefined) return { uuid, guest: undefined, disks: [], vifs: [], savedMemory: 'absent' };
    const { guest, disks, vifs, savedMemory } = holding;
    return { uuid, guest: guest?.view(), disks, vifs, savedMemory };
  }

  /** @throws FakeHypervisorError `no-guest` */
  guest(uuid: string): SimulatedGuest {
    const guest = this.#holdings.get(uuid)?.guest;
    if (guest === undefined) throw new FakeHypervisorError('no-guest', `Domain not found: no domain with uuid ${uuid}`);
    return guest;
  }

  createDisk(uuid: string, disk: FakeDisk): void {
    const holding = this.#holding(uuid);
    const path = `/srv/fake/disks/${uuid}/${disk.id}`;
    if (holding.disks.some(({ id }) => id === disk.id))
      throw new FakeHypervisorError('refused', `${path}: File exists`);
    if (this.#diskUsedGib + disk.sizeGib > this.size.diskGib) {
      throw new FakeHypervisorError('no-space', `Cannot allocate ${path}: No space left on device`);
    }
    holding.disks = [...holding.disks, disk];
    this.#diskUsedGib += disk.sizeGib;
  }

  /** No disk: nothing to do. */
  removeDisk(uuid: string, diskId: string): void {
    const holding = this.#holdings.get(uuid);
    const disk = holding?.disks.find(({ id }) => id === diskId);
    if (holding === undefined || disk === undefined) return;
    this.#mustBeOff(holding, `disk ${diskId}`);
    holding.disks = holding.disks.filter((each) => each !== disk);
    this.#diskUsedGib -= disk.sizeGib;
    this.#forgetEmpty(uuid, holding);
  }

  /** Plugged already: nothing to do. */
  plugVif(uuid: string, interfaceId: string): void {
    const holding = this.#holding(uuid);
    if (!holding.vifs.includes(interfaceId)) holding.vifs = [...holding.vifs, interfaceId];
  }

  /** Not plugged: nothing to do. */
  unplugVif(uuid: string, interfaceId: string): void {
    const holding = this.#holdings.get(uuid);
    if (holding === undefined || !holding.vifs.includes(interfaceId)) return;
    this.#mustBeOff(holding, `tap device of ${interfaceId}`);
    holding.vifs = holding.vifs.filter((id) => id !== interfaceId);
    this.#forgetEmpty(uuid, holding);
  }

  /** Makes a guest, shut off; or changes what the next start of one is made from. */
  define(spec: InstanceSpec, maker: GuestMaker): void {
    const holding = this.#holding(spec.uuid);
    if (holding.guest === undefined) holding.guest = new SimulatedGuest(maker, spec);
    else if (holding.guest.maker === maker) holding.guest.definition = spec;
    else throw new FakeHypervisorError('guest-exists', `operation failed: domain ${spec.uuid} already exists`);
  }

  undefine(uuid: string): void {
    const guest = this.guest(uuid);
    guest.go('undefine');
    const holding = this.#holding(uuid);
    if (holding.savedMemory === 'present') {
      throw new FakeHypervisorError('invalid-state', `Refusing to undefine while domain managed save image exists`);
    }
    holding.guest = undefined;
    this.#forgetEmpty(uuid, holding);
  }

  /** Boots a guest, its CPUs running or not. */
  start(uuid: string, cpus: 'running' | 'paused'): void {
    const guest = this.#readyToRun(uuid);
    if (this.#holding(uuid).savedMemory === 'present') {
      throw new FakeHypervisorError('invalid-state', `domain '${guest.definition.name}' has a managed save image`);
    }
    guest.boot(cpus === 'running' ? 'start' : 'startPaused', this.#bootCount + 1);
    this.#bootCount += 1;
    this.#memoryUsedMib += guest.definition.flavor.memoryMib;
    this.#tell(uuid, guest.maker, 'started');
    if (cpus === 'paused') this.#tell(uuid, guest.maker, 'paused');
  }

  stop(uuid: string, how: 'stop' | 'stopFromInside' = 'stop'): void {
    const guest = this.guest(uuid);
    const { state } = guest;
    this.#leaveMemory(guest, () => guest.go(how));
    if (state !== 'crashed') this.#tell(uuid, guest.maker, 'stopped');
  }

  pauseCpus(uuid: string): void {
    const guest = this.guest(uuid);
    guest.go('pauseCpus');
    this.#tell(uuid, guest.maker, 'paused');
  }

  /** Memory that the guest was restored from is now out of date, and dropped. */
  resumeCpus(uuid: string): void {
    const guest = this.guest(uuid);
    guest.go('resumeCpus');
    this.#holding(uuid).savedMemory = 'absent';
    this.#tell(uuid, guest.maker, 'resumed');
  }

  saveMemory(uuid: string): void {
    const guest = this.guest(uuid);
    this.#leaveMemory(guest, () => guest.go('saveMemory'));
    this.#holding(uuid).savedMemory = 'present';
    this.#tell(uuid, guest.maker, 'suspended');
  }

  /** Brings the guest back as it was saved, its CPUs paused. The saved memory stays until they run: a failure loses nothing. */
  restoreMemory(uuid: string): void {
    const guest = this.#readyToRun(uuid);
    if (this.#holding(uuid).savedMemory === 'absent') {
      throw new FakeHypervisorError('invalid-state', `domain '${guest.definition.name}' has no managed save image`);
    }
    guest.go('restoreMemory');
    this.#memoryUsedMib += guest.definition.flavor.memoryMib;
    this.#tell(uuid, guest.maker, 'paused');
  }

  /** None saved: nothing to do. */
  dropSavedMemory(uuid: string): void {
    const holding = this.#holdings.get(uuid);
    if (holding === undefined) return;
    holding.savedMemory = 'absent';
    this.#forgetEmpty(uuid, holding);
  }

  crash(uuid: string): void {
    const guest = this.guest(uuid);
    guest.go('crash');
    this.#tell(uuid, guest.maker, 'crashed');
  }

  /** The guest is gone from one moment to the next, as when somebody removed it by hand. Everything else of it stays. */
  lose(uuid: string): void {
    const guest = this.guest(uuid);
    this.#memoryUsedMib -= guest.running?.flavor.memoryMib ?? 0;
    const holding = this.#holding(uuid);
    holding.guest = undefined;
    this.#forgetEmpty(uuid, holding);
  }

  #readyToRun(uuid: string): SimulatedGuest {
    const guest = this.guest(uuid);
    const { flavor, image, networkInterfaces, name } = guest.definition;
    const { disks, vifs } = this.#holding(uuid);
    if (image.location.disk !== undefined && disks.length === 0) {
      const message = `Cannot access storage file '/srv/fake/disks/${uuid}/root': No such file or directory`;
      throw new FakeHypervisorError('cannot-start', message, 'disk');
    }
    const unplugged = networkInterfaces.find(({ id }) => !vifs.includes(id));
    if (unplugged !== undefined) {
      const message = `Cannot get interface of '${unplugged.id}' on ${this.size.hypervisorHostname}: No such device`;
      throw new FakeHypervisorError('cannot-start', message, 'network');
    }
    if (guest.running === undefined && this.#memoryUsedMib + flavor.memoryMib > this.size.memoryMib) {
      const message = `cannot set up guest memory of '${name}' on ${this.size.hypervisorHostname}: Cannot allocate memory`;
      throw new FakeHypervisorError('no-memory', message);
    }
    return guest;
  }

  #leaveMemory(guest: SimulatedGuest, go: () => void): void {
    const memoryMib = guest.running?.flavor.memoryMib ?? 0;
    go();
    this.#memoryUsedMib -= memoryMib;
  }

  #mustBeOff({ guest }: Holding, what: string): void {
    if (guest !== undefined && guest.state !== 'shut-off') {
      throw new FakeHypervisorError('busy', `${what} is in use by domain '${guest.definition.name}'`);
    }
  }

  #holding(uuid: string): Holding {
    let holding = this.#holdings.get(uuid);
    if (holding === undefined) {
      holding = { guest: undefined, disks: [], vifs: [], savedMemory: 'absent' };
      this.#holdings.set(uuid, holding);
    }
    return holding;
  }

  #forgetEmpty(uuid: string, { guest, disks, vifs, savedMemory }: Holding): void {
    const empty = guest === undefined && disks.length === 0 && vifs.length === 0 && savedMemory === 'absent';
    if (empty) this.#holdings.delete(uuid);
  }
}

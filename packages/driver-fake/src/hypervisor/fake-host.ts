import type { Clock, Diagnostics, HostResources } from '@virtkit/core/driver';
import type { BegunWork } from './begun-work.js';
import type { FakeStorage } from './fake-storage.js';
import type { GuestMaker, GuestView } from './guest-view.js';
import { Holdings } from './holding.js';
import { HostDevices } from './host-devices.js';
import { HostDisks } from './host-disks.js';
import { HostGuests, type TellOfGuest } from './host-guests.js';
import { HostImages } from './host-images.js';
import { HostShares } from './host-shares.js';
import type { HostSize } from './host-size.js';
import { HostVifs } from './host-vifs.js';
import { HostVolumes } from './host-volumes.js';
import type { FakeFabric } from './fake-fabric.js';
import { guestDiagnostics } from './guest-diagnostics.js';
import { HostConsoles } from './host-consoles.js';
import { HostMigrations } from './host-migrations.js';
import { HostMoves } from './host-moves.js';
import { LeaderEpochs } from './leader-epochs.js';
import { StorageMount } from './storage-mount.js';
import type { SimulatedGuest } from './simulated-guest.js';

export type HostMode = 'enabled' | 'disabled' | 'maintenance';

export interface FakeHostParts {
  readonly size: HostSize;
  readonly clock: Clock;
  readonly storage: FakeStorage;
  /** What joins it with other hosts. */
  readonly fabric: FakeFabric;
  readonly deviceCountMax: number;
  readonly tell: TellOfGuest;
}

/**
 * The machine room: what it holds, by kind, and what may be done with it in which order. Every change is one call that
 * happens at once or throws a FakeHypervisorError and has changed nothing; time, faults and answers that get lost are its
 * callers' business.
 */
export class FakeHost {
  readonly size: HostSize;
  readonly guests: HostGuests;
  readonly disks: HostDisks;
  readonly vifs: HostVifs;
  readonly devices: HostDevices;
  readonly volumes: HostVolumes;
  readonly images: HostImages;
  readonly shares: HostShares;
  readonly moves: HostMoves;
  readonly migrations: HostMigrations;
  readonly consoles: HostConsoles;
  readonly fabric: FakeFabric;
  readonly leaders = new LeaderEpochs();
  power: 'on' | 'off' = 'on';
  mode: HostMode = 'enabled';
  readonly #holdings = new Holdings();
  readonly #storage: FakeStorage;
  readonly #clock: Clock;

  constructor({ size, clock, storage, fabric, deviceCountMax, tell }: FakeHostParts) {
    const holdings = this.#holdings;
    const mount = new StorageMount(storage);
    this.size = size;
    this.fabric = fabric;
    this.#storage = storage;
    this.#clock = clock;
    this.guests = new HostGuests({ size, holdings, storage, clock, lives: fabric.lives, tell });
    this.disks = new HostDisks(holdings, mount, size);
    this.moves = new HostMoves(size, holdings, mount);
    this.migrations = new HostMigrations(clock, fabric, this);
    this.consoles = new HostConsoles(size, holdings);
    this.vifs = new HostVifs(this.#holdings);
    this.devices = new HostDevices(this.#holdings, storage, deviceCountMax);
    this.volumes = new HostVolumes(this.#holdings, storage, this.disks);
    this.images = new HostImages(storage, clock);
    this.shares = new HostShares(this.#holdings);
  }

  get resources(): HostResources {
    return {
      ...this.size,
      hypervisorType: 'fake',
      hypervisorVersion: '1.0.0',
      memoryUsedMib: this.guests.memoryUsedMib,
      diskUsedGib: this.#storage.usedGib,
    };
  }

  *uuids(maker: GuestMaker): Generator<string> {
    for (const [uuid, guest] of this.#holdings.guests()) if (guest.maker === maker) yield uuid;
  }

  /** What somebody has begun and not ended. */
  begun(): BegunWork {
    const copied = [...this.uuids('virtkit')].filter((uuid) => this.guest(uuid).mirror !== undefined);
    return { captured: this.images.capturedUuids, copied, sent: this.moves.sentUuids };
  }

  view(uuid: string): GuestView {
    const holding = this.#holdings.find(uuid);
    const shares = this.shares.of(uuid);
    const capture = this.images.captureOf(uuid);
    return {
      uuid,
      guest: holding?.guest?.view(),
      disks: this.disks.of(uuid),
      vifs: holding?.vifs ?? [],
      savedMemory: holding?.savedMemory ?? 'absent',
      ...(shares && { shares }),
      ...(capture && { capture }),
      ...this.moves.view(uuid),
    };
  }

  /** @throws FakeHypervisorError `no-guest` */
  diagnosticsOf(uuid: string): Omit<Diagnostics, 'powerState'> {
    return guestDiagnostics(this.guest(uuid), this.disks.of(uuid), this.#clock.monotonicMs());
  }

  /** @throws FakeHypervisorError `no-guest` */
  guest(uuid: string): SimulatedGuest {
    return this.#holdings.guest(uuid);
  }
}

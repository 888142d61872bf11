import type { BlockDevice, BlockStats } from '@virtkit/core/driver';
import { contentWith } from './disk-content.js';
import { FakeHypervisorError } from './fake-hypervisor-error.js';
import type { FakeStorage } from './fake-storage.js';
import { withReplacedDisk } from './guest-device.js';
import type { Holdings } from './holding.js';
import type { HostDisks } from './host-disks.js';
import type { SimulatedGuest } from './simulated-guest.js';

/** As much as the mark of a test stands for. */
const WRITE_BYTES = 4_096;

/** A volume as its guest has it. */
export interface FoundVolume {
  /** The file that is written to, and those below it. */
  readonly chain: readonly string[];
  readonly sizeMib: number;
}

/** What is done with a guest's volumes while it has them: replaced, grown, snapshotted, written to, counted. */
export class HostVolumes {
  readonly #holdings: Holdings;
  readonly #storage: FakeStorage;
  readonly #disks: HostDisks;

  constructor(holdings: Holdings, storage: FakeStorage, disks: HostDisks) {
    this.#holdings = holdings;
    this.#storage = storage;
    this.#disks = disks;
  }

  /** @throws FakeHypervisorError `no-guest`, `no-device` */
  find(uuid: string, deviceId: string): FoundVolume {
    const { path } = this.#disk(this.#holdings.guest(uuid), deviceId).source;
    return { chain: this.chainFrom(path), sizeMib: this.#storage.volumeAt(path).sizeMib };
  }

  /** From now on whatever the guest writes goes to both. */
  startMirror(uuid: string, deviceId: string, replacement: BlockDevice): void {
    const guest = this.#running(uuid);
    this.#liveDisk(guest, deviceId);
    if (guest.doings.mirror !== undefined) {
      throw new FakeHypervisorError(
        'refused',
        `disk ${deviceId} of '${guest.definition.name}' has a block job already`,
      );
    }
    this.#storage.volumeAt(replacement.source.path);
    guest.doings.mirror = { deviceId, replacement };
  }

  /** The guest writes to the replacement from now on, which holds what the old one held. */
  pivotMirror(uuid: string): void {
    const guest = this.#running(uuid);
    const { mirror } = guest.doings;
    if (mirror === undefined) throw new FakeHypervisorError('refused', `domain ${uuid} has no block job`);
    const { deviceId, replacement } = mirror;
    const old = this.#storage.volumeAt(this.#liveDisk(guest, deviceId).source.path);
    const { path } = replacement.source;
    this.#storage.writeFile(path, { ...this.#storage.volumeAt(path), content: old.content });
    guest.changeRunning(withReplacedDisk(guest.running ?? guest.definition, deviceId, replacement));
    guest.doings.mirror = undefined;
  }

  /** None: nothing to do. */
  cancelMirror(uuid: string): void {
    const guest = this.#holdings.find(uuid)?.guest;
    if (guest?.doings.mirror !== undefined) guest.doings.mirror = undefined;
  }

  /** The next start of the guest has the replacement. Not there: nothing to do. */
  replaceInDefinition(uuid: string, deviceId: string, replacement: BlockDevice): void {
    const guest = this.#holdings.guest(uuid);
    guest.definition = withReplacedDisk(guest.definition, deviceId, replacement);
  }

  /** Never smaller. */
  grow(uuid: string, deviceId: string, sizeMib: number): void {
    const { path } = this.#disk(this.#holdings.guest(uuid), deviceId).source;
    const file = this.#storage.volumeAt(path);
    if (sizeMib > file.sizeMib) this.#storage.writeFile(path, { ...file, sizeMib });
  }

  /** The guest writes to a new file from now on, and what was there is below it. */
  addOverlay(uuid: string, deviceId: string, path: string): void {
    const guest = this.#holdings.guest(uuid);
    const below = this.#disk(guest, deviceId).source.path;
    const { sizeMib, content } = this.#storage.volumeAt(below);
    this.#storage.writeFile(path, { sizeMib, content, backing: below });
    this.#moveTo(guest, deviceId, path);
  }

  /** What was written to the overlay goes into what is below it. Its file stays, and nobody uses it. */
  mergeOverlay(uuid: string, deviceId: string, path: string): void {
    const guest = this.#holdings.guest(uuid);
    const active = this.#disk(guest, deviceId).source.path;
    const merged = this.#storage.fileAt(path);
    if (merged?.backing === undefined || !this.chainFrom(active).includes(path)) return;
    const below = this.#storage.volumeAt(merged.backing);
    this.#storage.writeFile(merged.backing, { ...below, sizeMib: merged.sizeMib, content: merged.content });
    if (path === active) {
      this.#moveTo(guest, deviceId, merged.backing);
      return;
    }
    const above = this.chainFrom(active).find((each) => this.#storage.fileAt(each)?.backing === path);
    if (above !== undefined)
      this.#storage.writeFile(above, { ...this.#storage.volumeAt(above), backing: merged.backing });
  }

  /** The path, and those of the files below it. */
  chainFrom(path: string): readonly string[] {
    const backing = this.#storage.fileAt(path)?.backing;
    return backing === undefined ? [path] : [path, ...this.chainFrom(backing)];
  }

  /** For a test: the running guest writes to a disk it has. */
  write(uuid: string, diskId: string, mark: string): void {
    const guest = this.#running(uuid);
    const volume = guest.running?.blockDevices.find(({ id }) => id === diskId);
    if (volume !== undefined) {
      const file = this.#storage.volumeAt(volume.source.path);
      this.#storage.writeFile(volume.source.path, { ...file, content: contentWith(file.content, mark) });
    } else if (this.#disks.of(uuid).some(({ id }) => id === diskId)) {
      this.#disks.write(uuid, diskId, mark);
    } else {
      throw noDevice(guest, diskId);
    }
    const { requests, bytes } = guest.doings.counters.get(diskId) ?? { requests: 0, bytes: 0 };
    guest.doings.counters.set(diskId, { requests: requests + 1, bytes: bytes + WRITE_BYTES });
  }

  stats(uuid: string, deviceId: string): BlockStats {
    const guest = this.#running(uuid);
    if (!this.#disks.of(uuid).some(({ id }) => id === deviceId)) this.#liveDisk(guest, deviceId);
    const { requests, bytes } = guest.doings.counters.get(deviceId) ?? { requests: 0, bytes: 0 };
    // Whoever boots reads one sector of each disk.
    const read = { readRequests: 1n, readBytes: 512n };
    return { ...read, writeRequests: BigInt(requests), writeBytes: BigInt(bytes), errors: 0n };
  }

  #moveTo(guest: SimulatedGuest, deviceId: string, path: string): void {
    const moved = { ...this.#disk(guest, deviceId), source: { type: 'file', path, format: 'qcow2' } } as const;
    guest.definition = withReplacedDisk(guest.definition, deviceId, moved);
    if (guest.running !== undefined) guest.changeRunning(withReplacedDisk(guest.running, deviceId, moved));
  }

  #running(uuid: string): SimulatedGuest {
    const guest = this.#holdings.guest(uuid);
    if (guest.running !== undefined) return guest;
    throw new FakeHypervisorError('invalid-state', `domain '${guest.definition.name}' is not running`);
  }

  /** As the running guest has it; else as its next start will. */
  #disk(guest: SimulatedGuest, deviceId: string): BlockDevice {
    const device = (guest.running ?? guest.definition).blockDevices.find(({ id }) => id === deviceId);
    if (device === undefined) throw noDevice(guest, deviceId);
    return device;
  }

  #liveDisk(guest: SimulatedGuest, deviceId: string): BlockDevice {
    const device = guest.running?.blockDevices.find(({ id }) => id === deviceId);
    if (device === undefined) throw noDevice(guest, deviceId);
    return device;
  }
}

function noDevice(guest: SimulatedGuest, device: string): FakeHypervisorError {
  const message = `no target device ${device} in domain '${guest.definition.name}'`;
  return new FakeHypervisorError('no-device', message, 'device', { device });
}

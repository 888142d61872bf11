import { contentWith } from './disk-content.js';
import { FakeHypervisorError } from './fake-hypervisor-error.js';
import type { FakeStorage } from './fake-storage.js';
import type { FakeDisk } from './guest-view.js';
import type { Holdings } from './holding.js';
import type { HostSize } from './host-size.js';
import type { StorageMount } from './storage-mount.js';

/** A disk to be made from an image. */
export interface NewDisk extends Omit<FakeDisk, 'content'> {
  readonly imageId: string;
  /** Where the image lies: what was written there is copied. Of an image that nobody has written here it is the first copy. */
  readonly path?: string | undefined;
}

/** The disks that the host makes for its guests. */
export class HostDisks {
  readonly #holdings: Holdings;
  readonly #storage: FakeStorage;
  readonly #mount: StorageMount;
  readonly #size: HostSize;

  constructor(holdings: Holdings, mount: StorageMount, size: HostSize) {
    this.#holdings = holdings;
    this.#storage = mount.storage;
    this.#mount = mount;
    this.#size = size;
  }

  of(uuid: string): readonly FakeDisk[] {
    return this.#mount.disksOf(uuid);
  }

  create(uuid: string, { id, sizeGib, imageId, path: imagePath, madeFor }: NewDisk): void {
    const disks = this.of(uuid);
    const path = `/srv/fake/disks/${uuid}/${id}`;
    if (disks.some((disk) => disk.id === id)) throw new FakeHypervisorError('refused', `${path}: File exists`);
    this.#storage.checkImage(imageId);
    if (this.#storage.usedGib + sizeGib > this.#size.diskGib) {
      throw new FakeHypervisorError('no-space', `Cannot allocate ${path}: No space left on device`);
    }
    const written = imagePath === undefined ? undefined : this.#storage.imageContent(imagePath);
    const content = written ?? this.#storage.freshContent(imageId);
    this.#mount.setDisks(uuid, [...disks, { id, sizeGib, content, ...(madeFor && { madeFor }) }]);
  }

  /** No disk: nothing to do. */
  remove(uuid: string, diskId: string): void {
    const disks = this.of(uuid);
    const left = disks.filter(({ id }) => id !== diskId);
    if (left.length === disks.length) return;
    const guest = this.#holdings.find(uuid)?.guest;
    if (guest !== undefined && guest.state !== 'shut-off' && (diskId !== 'rescue' || guest.runsFrom !== 'own-disk')) {
      throw new FakeHypervisorError('busy', `disk ${diskId} is in use by domain '${guest.definition.name}'`);
    }
    this.#mount.setDisks(uuid, left);
  }

  /** What has come from elsewhere, in the place of whatever was there. */
  replaceAll(uuid: string, disks: readonly FakeDisk[]): void {
    this.#mount.setDisks(uuid, disks);
  }

  /** The guest writes to a disk of its own. */
  write(uuid: string, diskId: string, mark: string): void {
    const disks = this.of(uuid).map((disk) =>
      disk.id === diskId ? { ...disk, content: contentWith(disk.content, mark) } : disk,
    );
    this.#mount.setDisks(uuid, disks);
  }
}

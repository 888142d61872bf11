import { rm } from 'node:fs/promises';
import type { NewVolumeSnapshot, VolumeSnapshotPlace } from '@virtkit/core/providers';
import { syncDirectory } from '../directory/durable-file.js';
import { qcow2HeaderOf } from '../disk-format/qcow2-header-of.js';
import { DiskFile } from './disk-file.js';
import type { StoredSnapshot, StoredVolume } from './stored-volume.js';
import { unavailableVolume } from './unavailable-volume.js';
import type { VolumeTable } from './volume-table.js';

/** The file of a volume without snapshots, and the one beneath all of them. */
export const diskName = 'disk';

/** A volume's disk and the snapshots over it, each a qcow2 file over the one before. */
export class SnapshotChain {
  readonly #table: VolumeTable;

  constructor(table: VolumeTable) {
    this.#table = table;
  }

  /**
   * What a guest writes to, or is to write to. A snapshot that was begun counts when its file is a complete disk over the one before: QEMU
   * changes over to it only then, and until it has, the two read alike.
   */
  async writtenFile(volume: StoredVolume): Promise<DiskFile> {
    const [begun] = volume.snapshots.filter(({ state }) => state === 'begun');
    const standing = this.#fileOver(volume, volume.snapshots.filter((each) => each !== begun).length);
    if (begun === undefined) return standing;
    const over = await qcow2HeaderOf(this.#place(volume.id, begun.snapshotId).path);
    return over?.backingFile === standing.path ? this.#fileOver(volume, volume.snapshots.length) : standing;
  }

  async begin({ snapshotId, volumeId, instanceUuid }: NewVolumeSnapshot): Promise<VolumeSnapshotPlace> {
    const volume = this.#table.get(volumeId);
    const known = volume.snapshots.find((each) => each.snapshotId === snapshotId);
    if (known !== undefined && known.state !== 'merging') return this.#place(volumeId, snapshotId);
    const { attachment } = volume;
    if (attachment?.instanceUuid !== instanceUuid || attachment.hosts.length === 0) {
      throw unavailableVolume(volumeId, 'not attached', `instance ${instanceUuid} does not have it connected`);
    }
    refuseUnsettled(volume, 'in use');
    await this.#save(volume, [...volume.snapshots, { snapshotId, state: 'begun' }]);
    return this.#place(volumeId, snapshotId);
  }

  async finish(snapshotId: string): Promise<void> {
    await this.#turn(snapshotId, 'standing', ['begun']);
  }

  async beginDeletion(snapshotId: string): Promise<VolumeSnapshotPlace | undefined> {
    const volume = this.volumeOf(snapshotId);
    const isOther = (each: StoredSnapshot) => each.snapshotId !== snapshotId && each.state !== 'standing';
    if (volume?.snapshots.some(isOther) === true) {
      throw unavailableVolume(volume.id, 'in use', 'another of its snapshots is begun or being merged');
    }
    await this.#turn(snapshotId, 'merging', ['begun', 'standing']);
    return volume && this.#place(volume.id, snapshotId);
  }

  /** The record first: a file that nothing names is harmless, and a name without its file is not. */
  async finishDeletion(snapshotId: string): Promise<void> {
    const volume = this.volumeOf(snapshotId);
    if (volume === undefined) return;
    const others = volume.snapshots.filter((each) => each.snapshotId !== snapshotId);
    await this.#save(volume, others);
    await rm(this.#place(volume.id, snapshotId).path, { force: true });
    await syncDirectory(this.#table.pathOf(volume.id, '.'));
  }

  volumeOf(snapshotId: string): StoredVolume | undefined {
    for (const volume of this.#table.all()) {
      if (volume.snapshots.some((each) => each.snapshotId === snapshotId)) return volume;
    }
    return undefined;
  }

  async #turn(
    snapshotId: string,
    state: StoredSnapshot['state'],
    from: readonly StoredSnapshot['state'][],
  ): Promise<void> {
    const volume = this.volumeOf(snapshotId);
    if (volume?.snapshots.some((each) => each.snapshotId === snapshotId && from.includes(each.state)) !== true) return;
    const turned = volume.snapshots.map((each) => (each.snapshotId === snapshotId ? { snapshotId, state } : each));
    await this.#save(volume, turned);
  }

  async #save(volume: StoredVolume, snapshots: StoredSnapshot[]): Promise<void> {
    await this.#table.save({ ...volume, snapshots });
  }

  /** The file over so many snapshots. */
  #fileOver(volume: StoredVolume, count: number): DiskFile {
    const top = volume.snapshots[count - 1];
    if (top === undefined) return new DiskFile(this.#table.pathOf(volume.id, diskName), volume.format);
    return new DiskFile(this.#place(volume.id, top.snapshotId).path, 'qcow2');
  }

  #place(volumeId: string, snapshotId: string): VolumeSnapshotPlace {
    const path = this.#table.pathOf(volumeId, `snapshot-${snapshotId}`);
    return Object.freeze({ snapshotId, volumeId, path, format: 'qcow2' });
  }
}

/** While a snapshot is begun or merged, nobody but its driver knows which file the guest writes to. */
export function refuseUnsettled(volume: StoredVolume, reason: 'in use' | 'cannot be resized'): void {
  const unsettled = volume.snapshots.find(({ state }) => state !== 'standing');
  if (unsettled === undefined) return;
  throw unavailableVolume(volume.id, reason, `its snapshot ${unsettled.snapshotId} is ${unsettled.state}`);
}

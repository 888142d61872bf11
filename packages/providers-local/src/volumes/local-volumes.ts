import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Clock, systemClock } from '@virtkit/core/driver';
import {
  checkedValue,
  type BlockDeviceSource,
  type CallOptions,
  ComputeError,
  type InstanceBuild,
  type NewVolumeSnapshot,
  type Volume,
  type VolumeConnection,
  type VolumeHolder,
  type VolumePlace,
  type VolumeProvider,
  type VolumeReservation,
  type VolumeSnapshotPlace,
  type VolumeViewer,
} from '@virtkit/core/providers';
import type { z } from 'zod';
import { DirectoryOwner } from '../directory/directory-owner.js';
import { Lanes } from '../directory/lanes.js';
import { LeaderEpochs } from '../directory/leader-epochs.js';
import { makeDirectory } from '../directory/make-directory.js';
import { closedProvider, providerCall } from '../errors/provider-call.js';
import { DiskFile } from './disk-file.js';
import {
  connectionCall,
  extensionCall,
  holderCall,
  localVolumesOptions,
  type LocalVolumesOptions,
  snapshotCall,
  volumeToCreate,
  type VolumeToCreate,
} from './local-volumes-options.js';
import { isHeldBy, reserved, unreserved } from './reservations.js';
import { diskName, refuseUnsettled, SnapshotChain } from './snapshot-chain.js';
import { type StoredVolume, volumeOf } from './stored-volume.js';
import { unavailableVolume } from './unavailable-volume.js';
import { VolumeTable } from './volume-table.js';

type Checked = z.output<typeof localVolumesOptions>;

/** Volumes as files in a directory of this host: a folder for each, with its disk, its snapshots and its record. */
export class LocalVolumes implements VolumeProvider, AsyncDisposable {
  readonly #options: Checked;
  readonly #clock: Clock;
  readonly #owner: DirectoryOwner;
  readonly #leaders: LeaderEpochs;
  readonly #table: VolumeTable;
  readonly #chain: SnapshotChain;
  readonly #lanes = new Lanes();
  #isClosed = false;

  private constructor(options: Checked, owner: DirectoryOwner, leaders: LeaderEpochs, table: VolumeTable) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#owner = owner;
    this.#leaders = leaders;
    this.#table = table;
    this.#chain = new SnapshotChain(table);
  }

  /**
   * Makes the directory unless it is there, and removes what a process that was killed has left.
   * @throws ComputeError `INVALID_CONFIGURATION`, also while another process has the directory; `STORE_UNAVAILABLE`
   */
  static async open(options: LocalVolumesOptions, call: CallOptions = {}): Promise<LocalVolumes> {
    const checked = await checkedValue(localVolumesOptions, options, 'INVALID_CONFIGURATION');
    return await providerCall('open the volumes', call, async () => {
      await makeDirectory(checked.directory);
      const owner = await DirectoryOwner.claim(checked.directory, 'volumes');
      try {
        const leaders = await LeaderEpochs.open(checked.directory, 'volumes');
        return new LocalVolumes(checked, owner, leaders, await VolumeTable.open(checked.directory, checked.log));
      } catch (failure) {
        await owner[Symbol.asyncDispose]();
        throw failure;
      }
    });
  }

  /**
   * Creates an empty volume and answers it. It is there, durably, or, after a failure or an abort, not at all. Not idempotent without an id.
   * @throws ComputeError `INVALID_INPUT`, also for an id that a volume has; `INSUFFICIENT_RESOURCES` of `disk`
   */
  async createVolume(volume: VolumeToCreate, options: CallOptions = {}): Promise<Volume> {
    const { id = randomUUID(), ...fields } = await checkedValue(volumeToCreate, volume, 'INVALID_INPUT');
    this.#requireSize(fields.sizeMib);
    return await this.#inLane('create a volume', id, options, async () => {
      const nothing = { attachment: null, snapshots: [], createdAtMs: this.#clock.now() };
      const stored: StoredVolume = { version: 1, id, ...fields, ...nothing };
      await this.#table.add(stored, async (folder) => {
        await new DiskFile(join(folder, diskName), fields.format).create(fields.sizeMib, this.#command(options));
      });
      return volumeOf(stored);
    });
  }

  /** Deletes a volume and what it holds. Idempotent. @throws ComputeError `VOLUME_UNAVAILABLE` `in use` when an instance has it */
  async deleteVolume(volumeId: string, options: CallOptions = {}): Promise<void> {
    await this.#inLane('delete a volume', volumeId, options, async () => {
      const volume = this.#table.find(volumeId);
      if (volume === undefined) return;
      if (volume.attachment !== null) throw heldBy(volume);
      await this.#table.remove(volumeId);
    });
  }

  /** All volumes, or those of a project, in the order of their ids. */
  async listVolumes({ projectId }: Partial<VolumeViewer> = {}, options: CallOptions = {}): Promise<readonly Volume[]> {
    return await this.#listed(options, (volume) => projectId === undefined || volume.projectId === projectId);
  }

  async volumesOf({ instanceUuid, buildUuid }: InstanceBuild, options: CallOptions = {}): Promise<readonly Volume[]> {
    const build = { instanceUuid, ...(buildUuid !== undefined && { buildUuid }) };
    return await this.#listed(options, (volume) => isHeldBy(volume, build));
  }

  async getVolume(volumeId: string, { projectId }: VolumeViewer, options: CallOptions = {}): Promise<Volume> {
    return await providerCall('get a volume', options, async () => volumeOf(this.#seen(volumeId, projectId)));
  }

  async leaderChanged({ leader }: CallOptions = {}): Promise<void> {
    await providerCall('note a new manager', {}, () => this.#leaders.admit(leader));
  }

  async reserve(volumeId: string, holder: VolumeHolder, options: CallOptions = {}): Promise<void> {
    const checked = named(await checkedValue(holderCall, holder, 'INVALID_INPUT'));
    await this.#inLane('reserve a volume', volumeId, options, async () => {
      const volume = this.#seen(volumeId, checked.projectId);
      const mine = reserved(volume, checked);
      if (!isDeepStrictEqual(mine, volume)) await this.#table.save(mine);
    });
  }

  async connect(volumeId: string, connection: VolumeConnection, options: CallOptions = {}): Promise<BlockDeviceSource> {
    const { connector, ...holder } = await checkedValue(connectionCall, connection, 'INVALID_INPUT');
    return await this.#inLane('connect a volume', volumeId, options, async () => {
      const before = this.#seen(volumeId, holder.projectId);
      const volume = reserved(before, named(holder));
      if (!this.#options.hosts.includes(connector.host)) {
        throw unavailableVolume(volumeId, 'cannot be connected', `host ${connector.host} does not have its directory`);
      }
      if (volume.snapshots.some(({ state }) => state === 'merging')) {
        throw unavailableVolume(volumeId, 'cannot be connected', 'one of its snapshots is being merged');
      }
      const file = await this.#chain.writtenFile(volume);
      await file.grow(volume.sizeMib, this.#command(options));
      const { attachment } = volume;
      const hosts = [...new Set([...attachment.hosts, connector.host])];
      const connected = { ...volume, attachment: { ...attachment, hosts } };
      if (!isDeepStrictEqual(connected, before)) await this.#table.save(connected);
      return Object.freeze({ type: 'file', path: file.path, format: file.format });
    });
  }

  async disconnect(volumeId: string, { host, ...holder }: VolumePlace, options: CallOptions = {}): Promise<void> {
    await this.#inLane('disconnect a volume', volumeId, options, async () => {
      const volume = this.#table.find(volumeId);
      const attachment = volume?.attachment;
      if (!volume || !attachment?.hosts.includes(host) || !isHeldBy(volume, holder)) return;
      const hosts = attachment.hosts.filter((each) => each !== host);
      await this.#table.save({ ...volume, attachment: { ...attachment, hosts } });
    });
  }

  async unreserve(volumeId: string, reservation: VolumeReservation, options: CallOptions = {}): Promise<void> {
    await this.#inLane('unreserve a volume', volumeId, options, async () => {
      const volume = this.#table.find(volumeId);
      const free = volume && unreserved(volume, reservation);
      if (free && free !== volume) await this.#table.save(free);
    });
  }

  async extend(volumeId: string, sizeMib: number, options: CallOptions = {}): Promise<number> {
    await checkedValue(extensionCall, { sizeMib }, 'INVALID_INPUT');
    this.#requireSize(sizeMib);
    return await this.#inLane('extend a volume', volumeId, options, async () => {
      const volume = this.#table.get(volumeId);
      if (sizeMib <= volume.sizeMib) return volume.sizeMib;
      refuseUnsettled(volume, 'cannot be resized');
      const isConnected = (volume.attachment?.hosts.length ?? 0) > 0;
      if (!isConnected) await (await this.#chain.writtenFile(volume)).grow(sizeMib, this.#command(options));
      await this.#table.save({ ...volume, sizeMib });
      return sizeMib;
    });
  }

  async beginSnapshot(snapshot: NewVolumeSnapshot, options: CallOptions = {}): Promise<VolumeSnapshotPlace> {
    const checked = await checkedValue(snapshotCall, snapshot, 'INVALID_INPUT');
    return await this.#inLane('begin a snapshot', checked.volumeId, options, () => this.#chain.begin(checked));
  }

  async finishSnapshot(snapshotId: string, options: CallOptions = {}): Promise<void> {
    await this.#ofSnapshot('finish a snapshot', snapshotId, options, () => this.#chain.finish(snapshotId));
  }

  async beginSnapshotDeletion(snapshotId: string, options: CallOptions = {}): Promise<VolumeSnapshotPlace | undefined> {
    return await this.#ofSnapshot('delete a snapshot', snapshotId, options, () =>
      this.#chain.beginDeletion(snapshotId),
    );
  }

  async finishSnapshotDeletion(snapshotId: string, options: CallOptions = {}): Promise<void> {
    await this.#ofSnapshot('delete a snapshot', snapshotId, options, () => this.#chain.finishDeletion(snapshotId));
  }

  /** Waits for what is being done, and gives the directory away. Idempotent; every change rejects with `STORE_UNAVAILABLE` afterwards. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#lanes.idle();
    await this.#owner[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #seen(volumeId: string, projectId: string): StoredVolume {
    const volume = this.#table.get(volumeId);
    if (volume.projectId !== projectId) throw new ComputeError('VOLUME_NOT_FOUND', { volumeId });
    return volume;
  }

  #requireSize(sizeMib: number): void {
    const { sizeMibMax } = this.#options;
    if (sizeMib <= sizeMibMax) return;
    const accepted = `at most ${sizeMibMax}`;
    throw new ComputeError('INVALID_INPUT', { field: 'sizeMib', value: String(sizeMib), accepted });
  }

  #listed(options: CallOptions, isMeant: (volume: StoredVolume) => boolean): Promise<readonly Volume[]> {
    return providerCall('list volumes', options, async () => {
      const found = [...this.#table.all()].filter(isMeant).sort((one, other) => (one.id < other.id ? -1 : 1));
      return Object.freeze(found.map(volumeOf));
    });
  }

  #command({ signal }: CallOptions) {
    return { timeoutMs: this.#options.commandTimeoutMs, ...(signal === undefined ? {} : { signal }) };
  }

  /** What one snapshot is told waits for what its volume is being told. */
  #ofSnapshot<Result>(
    operation: string,
    snapshotId: string,
    options: CallOptions,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const volumeId = this.#chain.volumeOf(snapshotId)?.id ?? snapshotId;
    return this.#inLane(operation, volumeId, options, work);
  }

  #inLane<Result>(
    operation: string,
    volumeId: string,
    options: CallOptions,
    work: () => Promise<Result>,
  ): Promise<Result> {
    return providerCall(operation, options, async () => {
      if (this.#isClosed) throw closedProvider();
      return await this.#lanes.enter(volumeId, options.signal, async () => {
        await this.#leaders.admit(options.leader);
        return await work();
      });
    });
  }
}

function heldBy({ id, attachment }: StoredVolume): ComputeError {
  return unavailableVolume(id, 'in use', `instance ${attachment?.instanceUuid ?? 'none'} has it`);
}

/** What was checked, without what was left out. */
function named({ instanceUuid, projectId, buildUuid, reservationId }: z.output<typeof holderCall>): VolumeHolder {
  return {
    instanceUuid,
    projectId,
    ...(buildUuid !== undefined && { buildUuid }),
    ...(reservationId !== undefined && { reservationId }),
  };
}

import { ComputeError, type Secret } from '@virtkit/core';
import type {
  BlockDeviceSource,
  CallOptions,
  InstanceBuild,
  NewVolumeSnapshot,
  Volume,
  VolumeConnection,
  VolumeHolder,
  VolumePlace,
  VolumeProvider,
  VolumeReservation,
  VolumeSnapshotPlace,
  VolumeViewer,
} from '@virtkit/core/providers';
import type { ProviderFaults } from './provider-faults.js';

interface Kept extends Volume {
  /** The file that is written to last. */
  readonly chain: readonly string[];
  /** Left out: it is not encrypted. */
  readonly passphrase?: Secret;
  readonly endedReservations: readonly string[];
}

interface KeptSnapshot extends VolumeSnapshotPlace {
  readonly state: 'begun' | 'finished' | 'going';
}

interface KeptVolumes {
  readonly volumes: ReadonlyMap<string, Kept>;
  readonly snapshots: ReadonlyMap<string, KeptSnapshot>;
}

/** Volumes of a test: whole in what it promises, gone with the test. */
export class MemoryVolumes implements VolumeProvider {
  readonly #faults: ProviderFaults;
  #volumes = new Map<string, Kept>();
  #snapshots = new Map<string, KeptSnapshot>();

  constructor(faults: ProviderFaults) {
    this.#faults = faults;
  }

  /** Makes a free volume. */
  add(id: string, { projectId = 'project-1', sizeMib = 1_024 } = {}): void {
    this.#volumes.set(id, {
      id,
      name: id,
      projectId,
      sizeMib,
      attachment: null,
      chain: [`/volumes/${id}.raw`],
      endedReservations: [],
    });
  }

  /** Everything it knows, to be given to {@link become} of another. */
  get kept(): KeptVolumes {
    return { volumes: this.#volumes, snapshots: this.#snapshots };
  }

  /** Knows what another one knows, and nothing else. */
  become({ volumes, snapshots }: KeptVolumes): void {
    this.#volumes = new Map(volumes);
    this.#snapshots = new Map(snapshots);
  }

  /** From now on whoever connects the volume is given its passphrase. */
  encrypt(id: string, passphrase: Secret): void {
    this.#set(this.#found(id), { passphrase });
  }

  /** The provider has lost what it knew of who has a volume, and who had it. */
  forget(id: string): void {
    this.#set(this.#found(id), { attachment: null, endedReservations: [] });
  }

  /** Who has it, for the test. */
  attachmentOf(id: string): Volume['attachment'] {
    return this.#found(id).attachment;
  }

  sizeMibOf(id: string): number {
    return this.#found(id).sizeMib;
  }

  get snapshotIds(): readonly string[] {
    return [...this.#snapshots.keys()];
  }

  /** Those that were begun and never finished, or whose deletion was. */
  get openSnapshotIds(): readonly string[] {
    return [...this.#snapshots.values()].filter(({ state }) => state !== 'finished').map((each) => each.snapshotId);
  }

  async leaderChanged(options: CallOptions = {}): Promise<void> {
    await Promise.resolve(this.#faults.leaders.admit(options));
  }

  getVolume(volumeId: string, { projectId }: VolumeViewer, options: CallOptions = {}): Promise<Volume> {
    return this.#faults.around('volumes.getVolume', options, () => volumeOf(this.#seen(volumeId, projectId)));
  }

  /** What an instance holds, whichever build of it, for the test. */
  heldBy(instanceUuid: string): readonly Volume[] {
    const held = [...this.#volumes.values()].filter(({ attachment }) => attachment?.instanceUuid === instanceUuid);
    return held.map((kept) => volumeOf(kept));
  }

  volumesOf(build: InstanceBuild, options: CallOptions = {}): Promise<readonly Volume[]> {
    return this.#faults.around('volumes.volumesOf', options, () =>
      this.heldBy(build.instanceUuid).filter(({ attachment }) => attachment?.buildUuid === build.buildUuid),
    );
  }

  reserve(volumeId: string, holder: VolumeHolder, options: CallOptions = {}): Promise<void> {
    return this.#faults.around('volumes.reserve', options, () => this.#reserve(volumeId, holder));
  }

  connect(volumeId: string, connection: VolumeConnection, options: CallOptions = {}): Promise<BlockDeviceSource> {
    return this.#faults.around('volumes.connect', options, () => {
      this.#reserve(volumeId, connection);
      const snapshots = [...this.#snapshots.values()].filter((each) => each.volumeId === volumeId);
      if (snapshots.some(({ state }) => state === 'going')) {
        throw new ComputeError('VOLUME_UNAVAILABLE', { volumeId, reason: 'cannot be connected' });
      }
      const kept = this.#found(volumeId);
      const hosts = new Set([...(kept.attachment?.hosts ?? []), connection.connector.host]);
      this.#set(kept, { attachment: { ...attachmentOf(connection), ...kept.attachment, hosts: [...hosts] } });
      const path = kept.chain.at(-1) ?? '';
      const format = kept.chain.length > 1 ? ('qcow2' as const) : ('raw' as const);
      const { passphrase } = this.#found(volumeId);
      return { type: 'file' as const, path, format, ...(passphrase && { passphrase }) };
    });
  }

  disconnect(volumeId: string, place: VolumePlace, options: CallOptions = {}): Promise<void> {
    return this.#faults.around('volumes.disconnect', options, () => {
      const kept = this.#volumes.get(volumeId);
      if (!kept?.attachment || !isHeldBy(kept, place)) return;
      const hosts = kept.attachment.hosts.filter((each) => each !== place.host);
      this.#set(kept, { attachment: { ...kept.attachment, hosts } });
    });
  }

  unreserve(volumeId: string, reservation: VolumeReservation, options: CallOptions = {}): Promise<void> {
    return this.#faults.around('volumes.unreserve', options, () => {
      const kept = this.#volumes.get(volumeId);
      if (!kept) return;
      const isHeld = isHeldBy(kept, reservation);
      const ended = reservation.reservationId ?? (isHeld ? kept.attachment?.reservationId : undefined);
      const endedReservations = [...kept.endedReservations, ...(ended === undefined ? [] : [ended])];
      this.#set(kept, { ...(isHeld && { attachment: null }), endedReservations });
    });
  }

  extend(volumeId: string, sizeMib: number, options: CallOptions = {}): Promise<number> {
    return this.#faults.around('volumes.extend', options, () => {
      const kept = this.#found(volumeId);
      const larger = Math.max(kept.sizeMib, sizeMib);
      this.#set(kept, { sizeMib: larger });
      return larger;
    });
  }

  beginSnapshot(
    { snapshotId, volumeId, instanceUuid }: NewVolumeSnapshot,
    options: CallOptions = {},
  ): Promise<VolumeSnapshotPlace> {
    return this.#faults.around('volumes.beginSnapshot', options, () => {
      const known = this.#snapshots.get(snapshotId);
      if (known) return placeOf(known);
      const { attachment } = this.#found(volumeId);
      if (attachment?.instanceUuid !== instanceUuid || attachment.hosts.length === 0) {
        throw new ComputeError('VOLUME_UNAVAILABLE', { volumeId, reason: 'not attached' });
      }
      const path = `/volumes/${volumeId}.${snapshotId}.qcow2`;
      const begun: KeptSnapshot = { snapshotId, volumeId, path, format: 'qcow2', state: 'begun' };
      this.#snapshots.set(snapshotId, begun);
      return placeOf(begun);
    });
  }

  finishSnapshot(snapshotId: string, options: CallOptions = {}): Promise<void> {
    return this.#faults.around('volumes.finishSnapshot', options, () => {
      const snapshot = this.#snapshots.get(snapshotId);
      if (snapshot?.state !== 'begun') return;
      this.#snapshots.set(snapshotId, { ...snapshot, state: 'finished' });
      const kept = this.#found(snapshot.volumeId);
      this.#set(kept, { chain: [...kept.chain, snapshot.path] });
    });
  }

  beginSnapshotDeletion(snapshotId: string, options: CallOptions = {}): Promise<VolumeSnapshotPlace | undefined> {
    return this.#faults.around('volumes.beginSnapshotDeletion', options, () => {
      const snapshot = this.#snapshots.get(snapshotId);
      if (!snapshot) return undefined;
      this.#snapshots.set(snapshotId, { ...snapshot, state: 'going' });
      return placeOf(snapshot);
    });
  }

  finishSnapshotDeletion(snapshotId: string, options: CallOptions = {}): Promise<void> {
    return this.#faults.around('volumes.finishSnapshotDeletion', options, () => {
      const snapshot = this.#snapshots.get(snapshotId);
      if (!snapshot) return;
      this.#snapshots.delete(snapshotId);
      const kept = this.#found(snapshot.volumeId);
      this.#set(kept, { chain: kept.chain.filter((path) => path !== snapshot.path) });
    });
  }

  #reserve(volumeId: string, holder: VolumeHolder): void {
    const kept = this.#seen(volumeId, holder.projectId);
    const { instanceUuid, buildUuid, reservationId } = holder;
    if (reservationId !== undefined && kept.endedReservations.includes(reservationId)) {
      throw new ComputeError('RESERVATION_ENDED', { reservationId });
    }
    if (kept.attachment === null) {
      this.#set(kept, { attachment: { ...attachmentOf(holder), hosts: [] } });
      return;
    }
    if (kept.attachment.instanceUuid !== instanceUuid) {
      throw new ComputeError('VOLUME_UNAVAILABLE', { volumeId, reason: 'in use' });
    }
    if (kept.attachment.buildUuid !== buildUuid) throw new ComputeError('INSTANCE_EXISTS', { instanceUuid });
    const { reservationId: before } = kept.attachment;
    if (reservationId === undefined || reservationId === before) return;
    const endedReservations = [...kept.endedReservations, ...(before === undefined ? [] : [before])];
    this.#set(kept, { attachment: { ...kept.attachment, reservationId }, endedReservations });
  }

  #seen(volumeId: string, projectId: string): Kept {
    const kept = this.#found(volumeId);
    if (kept.projectId !== projectId) throw new ComputeError('VOLUME_NOT_FOUND', { volumeId });
    return kept;
  }

  #found(volumeId: string): Kept {
    const kept = this.#volumes.get(volumeId);
    if (!kept) throw new ComputeError('VOLUME_NOT_FOUND', { volumeId });
    return kept;
  }

  #set(kept: Kept, change: Partial<Kept>): void {
    this.#volumes.set(kept.id, { ...kept, ...change });
  }
}

function attachmentOf({ instanceUuid, buildUuid, reservationId }: VolumeHolder): VolumeReservation {
  return {
    instanceUuid,
    ...(buildUuid !== undefined && { buildUuid }),
    ...(reservationId !== undefined && { reservationId }),
  };
}

/** A caller that names no reservation means whichever its build has. */
function isHeldBy({ attachment }: Kept, { instanceUuid, buildUuid, reservationId }: VolumeReservation): boolean {
  return (
    attachment?.instanceUuid === instanceUuid &&
    attachment.buildUuid === buildUuid &&
    (reservationId === undefined || attachment.reservationId === reservationId)
  );
}

function volumeOf({ id, name, projectId, sizeMib, attachment }: Kept): Volume {
  return { id, name, projectId, sizeMib, attachment };
}

function placeOf({ snapshotId, volumeId, path, format }: KeptSnapshot): VolumeSnapshotPlace {
  return { snapshotId, volumeId, path, format };
}

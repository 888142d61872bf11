import type { BlockDeviceSource, VolumeConnector } from '../driver/index.js';
import type { CallOptions } from './call-options.js';

/**
 * Where the manager gets volumes from. In an OpenStack cloud this is Cinder. Creating and deleting volumes is not the manager's
 * business, and no part of this port.
 *
 * ## Words
 * - **reserved**: the volume is one instance's and no other can have it. Reserved it stays while the instance is stopped or shelved.
 * - **reservation**: an instance's hold on a volume, named by a uuid of the manager's choice. Once it was given back its name has ended: a
 *   provider refuses it with `RESERVATION_ENDED`, so that a call that was given up and gets through late cannot touch the next holder.
 * - **build**: one life of an instance's record. Two builds of one instance uuid are two instances; what one holds the other may not touch.
 * - **connected**: a host can open it. A reserved volume is connected to no host, to the one where its instance runs, or to two while
 *   the instance migrates live.
 *
 * ## Life of an attachment
 * `reserve` → `connect` → the driver attaches → … → the driver detaches → `disconnect` → `unreserve`. Each undoes only its own half: what
 * failed in between is undone from where it got to.
 *
 * ## Rules for every method
 * - It rejects with a `ComputeError` and nothing else: `STORE_UNAVAILABLE` when its records or its storage fail.
 * - Calls for one volume may overlap, also from several instances: the provider decides which is first.
 * - A caller who lost an answer repeats the call: every method is idempotent.
 * - An aborted call leaves everything as it was, or done; nothing half.
 * - A reservation and a connection last until they are taken back, whatever happens to the manager meanwhile.
 */
export interface VolumeProvider {
  /**
   * A manager has taken its host: `options.leader` says which. Afterwards changes under a lower epoch of that host are refused with
   * `SESSION_LOST`, whatever was asked before. Called once at the start of a manager. Optional: without it a provider learns of a new
   * manager by the manager's first call.
   */
  leaderChanged?(options?: CallOptions): Promise<void>;

  /** @throws ComputeError `VOLUME_NOT_FOUND`, also for the volume of another project */
  getVolume(volumeId: string, viewer: VolumeViewer, options?: CallOptions): Promise<Volume>;

  /** What a build of an instance has reserved or connected. Empty for one that has nothing or is unknown. */
  volumesOf(build: InstanceBuild, options?: CallOptions): Promise<readonly Volume[]>;

  /**
   * Makes the volume this instance's, before anything is done on a host. A volume that the instance has under another reservation is its own
   * under this one from now on, connected where it was, and the other reservation has ended.
   * @throws ComputeError `VOLUME_NOT_FOUND`, also for the volume of another project; `VOLUME_UNAVAILABLE` `in use` when it is another's;
   * `INSTANCE_EXISTS` when it is another build's of the same instance; `RESERVATION_ENDED`
   */
  reserve(volumeId: string, holder: VolumeHolder, options?: CallOptions): Promise<void>;

  /**
   * Lets the instance's host open the volume, and answers what the driver opens there. Reserves it first, unless it is. The same instance on
   * another host is let in too, beside the first.
   *
   * It is asked again whenever a guest that has the volume may be started: by a start, a reboot, a resume, a rescue and its end, a rebuild, a
   * restore, an unshelve, and when guests go on after a boot of their host. What it answers then is what the guest is given, and the place
   * that it names is recorded. The passphrase of an encrypted volume stands in the answer and nowhere else: no record, no other host and no
   * notification has it, so that a provider that cannot give it for the moment keeps the guest from starting, and from nothing else.
   * @throws ComputeError as {@link reserve}; `VOLUME_UNAVAILABLE` `cannot be connected` when it cannot be opened from that host, or while one
   * of its snapshots is being merged
   */
  connect(volumeId: string, connection: VolumeConnection, options?: CallOptions): Promise<BlockDeviceSource>;

  /**
   * Takes the volume from the instance's host, whose driver has let go of it. Its reservation stays. One that is not there is disconnected,
   * and one that the instance has under another reservation is left alone.
   */
  disconnect(volumeId: string, place: VolumePlace, options?: CallOptions): Promise<void>;

  /**
   * Ends a reservation of the volume, and what is left of its connections. A reservation that was never made, or is not that of the volume
   * any more, has ended too, and nothing else is changed.
   */
  unreserve(volumeId: string, reservation: VolumeReservation, options?: CallOptions): Promise<void>;

  /**
   * Makes the volume at least so large, and answers its size. Where it is connected the guest's end follows: by the driver's `extendVolume`,
   * which the manager calls next, or when it is next connected. Never makes a volume smaller.
   * @throws ComputeError `VOLUME_NOT_FOUND`, `VOLUME_UNAVAILABLE` `cannot be resized`, `INSUFFICIENT_RESOURCES` of `disk`
   */
  extend(volumeId: string, sizeMib: number, options?: CallOptions): Promise<number>;

  /**
   * Answers where the guest is to write from now on, for the driver's `volumeSnapshotCreate`: a path with nothing at it. Until
   * {@link finishSnapshot} either the old file or the new one may be what the guest writes to, and nothing of either is removed.
   * @throws ComputeError `VOLUME_NOT_FOUND`; `VOLUME_UNAVAILABLE` `not attached` when the instance does not have it connected, `in use` while
   * another snapshot of it is begun or merged
   */
  beginSnapshot(snapshot: NewVolumeSnapshot, options?: CallOptions): Promise<VolumeSnapshotPlace>;

  /** The guest writes to the new file: from now on it is what {@link connect} answers. */
  finishSnapshot(snapshotId: string, options?: CallOptions): Promise<void>;

  /**
   * Before the driver's `volumeSnapshotDelete`: answers the path that it takes, of a begun snapshot too. Until {@link finishSnapshotDeletion}
   * nobody knows where the guest writes, and the volume is not connected anew. `undefined` when there is no such snapshot (any more).
   */
  beginSnapshotDeletion(snapshotId: string, options?: CallOptions): Promise<VolumeSnapshotPlace | undefined>;

  /** The driver has merged the snapshot: its file is removed, and what is beneath it is what {@link connect} answers. */
  finishSnapshotDeletion(snapshotId: string, options?: CallOptions): Promise<void>;
}

/** Who wants to see a volume. */
export interface VolumeViewer {
  readonly projectId: string;
}

/** One life of an instance's record. */
export interface InstanceBuild {
  readonly instanceUuid: string;
  /** Left out: an instance that was made before there were builds. It matches only what is kept without one. */
  readonly buildUuid?: string;
}

export interface VolumeReservation extends InstanceBuild {
  /** Left out: an instance that holds the volume since before reservations had names. Any reservation of the build is meant. */
  readonly reservationId?: string;
}

export interface VolumeHolder extends VolumeReservation {
  readonly projectId: string;
}

export interface VolumeConnection extends VolumeHolder {
  /** What the driver of the host says of it, by `getVolumeConnector`. Its `host` is the name of the host's manager. */
  readonly connector: VolumeConnector;
}

export interface VolumePlace extends VolumeReservation {
  /** {@link VolumeConnector.host} of the connection. */
  readonly host: string;
}

export interface Volume {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly sizeMib: number;
  /** Who has it; `null` when it is free. */
  readonly attachment: VolumeAttachment | null;
}

export interface VolumeAttachment extends VolumeReservation {
  /** The hosts it is connected to. Empty: it is only reserved. */
  readonly hosts: readonly string[];
}

export interface NewVolumeSnapshot {
  /** A uuid chosen by the caller, so that a repeated call means the same snapshot. */
  readonly snapshotId: string;
  readonly volumeId: string;
  readonly instanceUuid: string;
}

export interface VolumeSnapshotPlace {
  readonly snapshotId: string;
  readonly volumeId: string;
  readonly path: string;
  readonly format: 'qcow2';
}

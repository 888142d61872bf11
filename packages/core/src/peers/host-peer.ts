import type {
  BlockDevice,
  CallOptions,
  GuestInspection,
  InstanceSpec,
  LiveMigrationData,
  LiveMigrationTerms,
  MigratedDisks,
  PowerState,
} from '../driver/index.js';

/**
 * What the manager of one host asks of the manager of another while an instance moves between them. The one that looks after the instance
 * leads; the other does what it is asked, on its own host, under its own session of it.
 *
 * ## Rules for every method
 * - Its argument and its answer are plain data that survive JSON. No secret crosses: who needs a passphrase asks the volume provider.
 * - It is idempotent: who lost an answer may ask again.
 * - It rejects with a `ComputeError`. What the other end has said of itself is in its operator facts.
 * - `DESTINATION_UNAVAILABLE`: nothing was asked of the other end. `OUTCOME_UNKNOWN`: it was asked, and its answer was lost.
 * - What changes an instance there waits for its turn in that host's lane for the instance. Then it rejects with `MIGRATION_REFUSED` when
 *   the leader in whose name it is asked was replaced meanwhile.
 */
export interface HostPeer {
  /** What is true of an instance on that host. Waits for nobody. */
  inspect(asked: GuestAsked, options?: CallOptions): Promise<GuestInspection>;

  /** At the destination, first: claims what the move needs, by its record. @throws ComputeError `INSUFFICIENT_RESOURCES` */
  prepareMove(asked: MoveAsked, options?: CallOptions): Promise<MovePrepared>;

  /** At either end: the record of the move has changed, what it takes of the host may be another amount now. */
  noteMove(asked: MoveAsked, options?: CallOptions): Promise<void>;

  /** At the destination: makes the guest from the disks that came. On failure there is no guest, and the disks are there for another try. */
  finishResize(asked: FinishResizeAsked, options?: CallOptions): Promise<GuestMoved>;

  /** At the destination: removes whatever has come of the instance, running or not. */
  undoResize(asked: GuestAsked, options?: CallOptions): Promise<void>;

  /** At the source: removes what was kept. */
  confirmResize(asked: GuestAsked, options?: CallOptions): Promise<void>;

  /** At the source: makes the guest again from what was kept. One that is there still is started at most. */
  revertResize(asked: RevertResizeAsked, options?: CallOptions): Promise<GuestMoved>;

  /** At the destination. @throws ComputeError `MIGRATION_REFUSED` */
  checkLiveMigration(asked: CheckLiveMigrationAsked, options?: CallOptions): Promise<LiveMigrationData>;

  /** At the destination: removes what the check has left. */
  cleanUpLiveMigrationCheck(asked: LiveMigrationAsked, options?: CallOptions): Promise<void>;

  /** At the destination: disks, volumes and vifs are ready afterwards. */
  preLiveMigration(asked: LiveMigrationAsked, options?: CallOptions): Promise<LiveMigrationReady>;

  /** At the destination, once the guest is there. */
  postLiveMigration(asked: LiveMigrationAsked, options?: CallOptions): Promise<GuestMoved>;

  /** At the destination, when the guest has stayed: removes what was made ready. */
  rollbackLiveMigration(asked: LiveMigrationAsked, options?: CallOptions): Promise<void>;

  /** Removes the guest and everything that host holds for it, disks included: the instance is deleted. */
  removeInstance(asked: GuestAsked, options?: CallOptions): Promise<void>;
}

export interface InstanceAsked {
  readonly instanceUuid: string;
}

/** About one guest of the uuid: another one's is absent there. */
export interface GuestAsked extends InstanceAsked {
  readonly generation: string | null;
}

export interface MoveAsked extends InstanceAsked {
  readonly migrationUuid: string;
}

export interface MovePrepared {
  /** Where the source's driver reaches that host. */
  readonly address: string;
}

/** What a driver is given there of an instance. Its volumes are connected there first. */
interface SpecAsked extends InstanceAsked {
  readonly instance: InstanceSpec;
}

export interface FinishResizeAsked extends SpecAsked {
  readonly disks: MigratedDisks;
  readonly start: 'power-on' | 'leave-off';
}

export interface RevertResizeAsked extends SpecAsked {
  readonly start: 'power-on' | 'leave-off';
}

export interface CheckLiveMigrationAsked extends SpecAsked {
  readonly request: LiveMigrationTerms;
}

export interface LiveMigrationAsked extends SpecAsked {
  readonly data: LiveMigrationData;
}

export interface LiveMigrationReady {
  readonly data: LiveMigrationData;
  /** As that host opens them, without passphrases. */
  readonly blockDevices: readonly BlockDevice[];
}

/** A guest as it is where it has come to. */
export interface GuestMoved {
  readonly powerState: PowerState;
  /** As that host opens them, without passphrases. */
  readonly blockDevices: readonly BlockDevice[];
}

import type { CallOptions } from '../call-options.js';
import type { GuestRequest, InstanceRequest } from '../driver-request.js';

/** What the two drivers of a live migration tell each other. Plain data; only drivers of one kind read it. */
export interface LiveMigrationData {
  readonly driver: string;
  readonly disks: 'shared' | 'copied';
  readonly address: string;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

/**
 * Moving a running guest. Nova's methods of the same names. The manager of the source leads: check at both ends, prepare
 * the destination, move, then finish or roll back at both ends. All but `liveMigration` are idempotent.
 */
export interface LiveMigrationAbility {
  /** At the destination, before anything else. @throws ComputeError `MIGRATION_REFUSED` */
  checkCanLiveMigrateDestination(request: LiveMigrationCheckRequest, options?: CallOptions): Promise<LiveMigrationData>;
  /** At the source, with the destination's answer. @throws ComputeError `MIGRATION_REFUSED` */
  checkCanLiveMigrateSource(request: LiveMigrationRequest, options?: CallOptions): Promise<LiveMigrationData>;
  /** At the destination, after the checks, whatever they said: removes what they left. */
  cleanupLiveMigrationDestinationCheck(request: LiveMigrationCleanupRequest, options?: CallOptions): Promise<void>;
  /** At the destination: disks and vifs are ready afterwards. */
  preLiveMigration(request: LiveMigrationRequest, options?: CallOptions): Promise<LiveMigrationData>;
  /**
   * At the source: moves the guest. Resolves when it runs at the destination and no longer here. Rejects with
   * `MIGRATION_FAILED` when it goes on here, with `OUTCOME_UNKNOWN` when that is not known; the manager then inspects both ends.
   */
  liveMigration(request: LiveMigrationRequest, options?: LiveMigrationOptions): Promise<void>;
  /**
   * At the source, once the guest is at the destination: vifs, disks that are not shared and everything else of it are gone here. A guest that is
   * here, because it did not leave or has come back, is left as it is.
   */
  postLiveMigrationAtSource(request: LiveMigrationRequest, options?: CallOptions): Promise<void>;
  /**
   * At the destination, once the guest is there: it is this host's like any other, and survives a restart of the hypervisor.
   * @throws ComputeError `INSTANCE_NOT_FOUND`
   */
  postLiveMigrationAtDestination(request: LiveMigrationRequest, options?: CallOptions): Promise<void>;
  /**
   * At the source: ends a live migration that is under way, whichever driver has begun it, and removes what it has left here. A guest that
   * is here afterwards stays; one that has left by then is left where it is. The manager inspects both ends after it, not before.
   */
  rollbackLiveMigrationAtSource(request: LiveMigrationRequest, options?: CallOptions): Promise<void>;
  /** At the destination: what was made ready there is gone. A guest that has come after all is left as it is, with what is its own. */
  rollbackLiveMigrationAtDestination(request: LiveMigrationRequest, options?: CallOptions): Promise<void>;
}

/** How the manager wants a guest to move. */
export interface LiveMigrationTerms {
  readonly sourceHost: string;
  readonly disks: 'shared' | 'copied' | 'whatever-fits';
}

export interface LiveMigrationCheckRequest extends InstanceRequest, LiveMigrationTerms {}

export interface LiveMigrationRequest extends InstanceRequest {
  readonly data: LiveMigrationData;
}

export interface LiveMigrationCleanupRequest extends GuestRequest {
  readonly data: LiveMigrationData;
}

export interface LiveMigrationOptions extends CallOptions {
  /** Told as the migration goes on; intermediate values may be dropped. Never throws. */
  readonly onProgress?: (progress: { readonly remainingMib: number; readonly totalMib: number }) => void;
}

/** Stopping a live migration that runs. Nova: `live_migration_abort`. */
export interface LiveMigrationAbortAbility {
  /** Afterwards the guest goes on at the source. @throws ComputeError `NO_ACTIVE_MIGRATION` */
  liveMigrationAbort(request: GuestRequest, options?: CallOptions): Promise<void>;
}

/** Making a live migration end, at the price of a pause. Nova: `live_migration_force_complete`. */
export interface LiveMigrationForceCompleteAbility {
  /** Resolves when the wish is accepted; `liveMigration` tells of the end. @throws ComputeError `NO_ACTIVE_MIGRATION` */
  liveMigrationForceComplete(request: GuestRequest, options?: CallOptions): Promise<void>;
}

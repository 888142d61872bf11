import type { CallOptions } from '../call-options.js';
import type { GuestRequest, InstanceRequest } from '../driver-request.js';
import type { Flavor } from '../flavor.js';

/** What the source tells the destination of the disks it sends. Plain data; only drivers of one kind read it. */
export interface MigratedDisks {
  readonly driver: string;
  readonly disks: readonly { readonly id: string; readonly format: 'qcow2' | 'raw'; readonly virtualSizeMib: number }[];
}

/**
 * Moving a powered-off guest, or giving it another flavor. Nova: `migrate_disk_and_power_off`, `finish_migration`,
 * `confirm_migration`, `finish_revert_migration`.
 */
export interface ResizeAbility {
  /**
   * At the source: powers the guest off, hands its disks to the destination, and keeps its own until confirmed. Afterwards this host
   * has no guest any more, only what it keeps, which `inspect` names among the belongings. The destination may be this host. On failure
   * the guest is there as it was, though it may be off; an error with effect `none` means that it is untouched. Idempotent.
   * @throws ComputeError `MIGRATION_REFUSED` with effect `none`, `MIGRATION_FAILED`
   */
  migrateDiskAndPowerOff(request: MigrateDiskRequest, options?: CallOptions): Promise<MigratedDisks>;
  /**
   * At the destination: makes the guest from the disks that came, resized to the flavor. Never makes a disk smaller. On failure there is
   * no guest here, and the disks that came are still here for another try. Idempotent.
   */
  finishMigration(request: FinishMigrationRequest, options?: CallOptions): Promise<void>;
  /** At the source: removes what was kept. Idempotent. */
  confirmMigration(request: GuestRequest, options?: CallOptions): Promise<void>;
  /** At the source: makes the guest again from what was kept, in place of a resized one where the destination was this host. Idempotent. */
  finishRevertMigration(request: FinishRevertMigrationRequest, options?: CallOptions): Promise<void>;
}

export interface MoveDestination {
  readonly host: string;
  readonly address: string;
  readonly flavor: Flavor;
}

export interface MigrateDiskRequest extends InstanceRequest {
  readonly destination: MoveDestination;
}

export interface FinishMigrationRequest extends InstanceRequest {
  readonly disks: MigratedDisks;
  /** Default `'power-on'`. */
  readonly start?: 'power-on' | 'leave-off';
}

export interface FinishRevertMigrationRequest extends InstanceRequest {
  /** Default `'power-on'`. */
  readonly start?: 'power-on' | 'leave-off';
}

import { entity, type MigrationRef } from '@virtkit/decorators';
import type { Flavor, LiveMigrationData, MigratedDisks } from '../driver/index.js';
import type { VmState } from './vm-state.js';

export const migrationKinds = ['resize', 'migration', 'live-migration', 'evacuation'] as const;
export type MigrationKind = (typeof migrationKinds)[number];

/**
 * `accepted` → `preparing` → `running`, then by kind: `finished` (a resize that waits to be confirmed or reverted), `completed`,
 * `confirmed`, `reverted`; or `failed`, `cancelled`. The last five are ends.
 */
export const migrationStatuses = [
  'accepted',
  'preparing',
  'running',
  'finished',
  'confirming',
  'reverting',
  'completed',
  'confirmed',
  'reverted',
  'failed',
  'cancelled',
] as const;
export type MigrationStatus = (typeof migrationStatuses)[number];

/** One move of an instance: between two hosts, or from one flavor to another on the same. Kept for ever, like an action. */
export interface Migration extends MigrationRef {
  readonly uuid: string;
  readonly instanceUuid: string;
  /** The action it began with. */
  readonly actionUuid: string | null;
  readonly kind: MigrationKind;
  readonly status: MigrationStatus;
  readonly sourceHost: string;
  readonly destinationHost: string;
  readonly oldFlavor: Flavor;
  readonly newFlavor: Flavor;
  /** Where the instance goes back to when the move is reverted or fails. */
  readonly vmStateBefore: VmState;
  /** The guest's generation when it began, which what it leaves at a host has. Left out in records from before generations. */
  readonly generationBefore?: string | null;
  /** The generation of the guest where it goes, when a new one is spawned there. Left out: it keeps the one it has. */
  readonly generationAfter?: string;
  /** What the source's driver told the destination's of a resize; `null` until it has. */
  readonly disks: MigratedDisks | null;
  /** What the drivers of a live migration told each other; `null` until they have. */
  readonly data: LiveMigrationData | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export type MigrationFields = Omit<Migration, typeof entity>;

/** A migration from its fields. */
export function migrationFromFields(fields: MigrationFields): Migration {
  return Object.freeze({ ...fields, [entity]: 'migration' as const });
}

/** Whether it holds resources of two hosts no more. */
export function isOver({ status }: Pick<Migration, 'status'>): boolean {
  return ['completed', 'confirmed', 'reverted', 'failed', 'cancelled'].includes(status);
}

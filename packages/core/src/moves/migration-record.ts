import type { Clock, Flavor } from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import { migrationFromFields, type Migration, type MigrationKind, type MigrationStatus } from '../model/migration.js';
import { newGeneration } from '../model/new-generation.js';
import { newRecordUuid } from '../model/new-record-uuid.js';
import type { RequestContext } from '../model/request-context.js';
import type { GuestAsked } from '../peers/host-peer.js';
import type { StoreWrite } from '../store/store-write.js';
import type { GuestRef } from '../guard/guest-ref.js';

export interface NewMove {
  readonly kind: MigrationKind;
  readonly instance: Instance;
  readonly context: RequestContext;
  readonly destinationHost: string;
  readonly newFlavor: Flavor;
}

/** The record of a move on its way from status to status. */
export class MigrationRecord {
  #present: Migration;
  readonly #clock: Clock;

  constructor(migration: Migration, clock: Clock) {
    this.#present = migration;
    this.#clock = clock;
  }

  /** The record of a move that begins. To be written by {@link to}. */
  static begin({ kind, instance, context, destinationHost, newFlavor }: NewMove, clock: Clock): MigrationRecord {
    const nowMs = clock.now();
    const migration = migrationFromFields({
      uuid: newRecordUuid(),
      instanceUuid: instance.uuid,
      actionUuid: context.actionUuid ?? null,
      kind,
      status: 'accepted',
      sourceHost: instance.host ?? destinationHost,
      destinationHost,
      oldFlavor: instance.flavor,
      newFlavor,
      vmStateBefore: instance.vmState,
      generationBefore: instance.generation ?? null,
      ...(kind === 'evacuation' && { generationAfter: newGeneration(context) }),
      disks: null,
      data: null,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    });
    return new MigrationRecord(migration, clock);
  }

  get present(): Migration {
    return this.#present;
  }

  /** The guest that moves, or has moved and kept its generation. */
  get guest(): GuestRef {
    const { instanceUuid: uuid, generationBefore: generation = null } = this.#present;
    return { uuid, generation };
  }

  /** The guest that is spawned where it goes. */
  get spawned(): GuestRef {
    return { ...this.guest, generation: this.#present.generationAfter ?? this.guest.generation ?? null };
  }

  /** The guest that moves, for the other host. */
  get asked(): GuestAsked {
    const { instanceUuid, generationBefore: generation = null } = this.#present;
    return { instanceUuid, generation };
  }

  /** Whether it is from one host to another. */
  get isBetweenHosts(): boolean {
    return this.#present.sourceHost !== this.#present.destinationHost;
  }

  /** The write of its next status, with what else is known by now. */
  to(status: MigrationStatus, known: Partial<Pick<Migration, 'disks' | 'data'>> = {}): StoreWrite {
    const fields = { ...this.#present, ...known, status, updatedAtMs: this.#clock.now() };
    this.#present = migrationFromFields(fields);
    return { write: 'put-migration', migration: this.#present };
  }
}

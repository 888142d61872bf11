import type { FailedMigration, Migrations } from '@virtkit/decorators';
import { isComputeError, type Clock } from '../driver/index.js';
import { isOver, migrationFromFields } from '../model/migration.js';
import type { RequestContext } from '../model/request-context.js';
import { isUnsettled } from '../model/unsettled.js';
import type { Records } from '../records/records.js';

export interface MigrationMarkerOptions {
  readonly records: Records;
  readonly clock: Clock;
}

/**
 * Ends the record of a move that has failed. The record stays open where nobody knows yet at which end the guest is: it tells whoever
 * settles it whom to ask.
 */
export class MigrationMarker implements Migrations {
  readonly #options: MigrationMarkerOptions;

  constructor(options: MigrationMarkerOptions) {
    this.#options = options;
  }

  async markError({ migration: { uuid }, context, failure }: FailedMigration): Promise<void> {
    const { records, clock } = this.#options;
    // Whoever has taken the instance over ends its moves too.
    if (isUnsettled(failure) || isComputeError(failure, 'UNEXPECTED_TASK_STATE')) return;
    const migration = await records.store.getMigration(uuid);
    if (isOver(migration)) return;
    const status = isComputeError(failure, 'ABORTED') ? 'cancelled' : 'failed';
    const ended = migrationFromFields({ ...migration, status, updatedAtMs: clock.now() });
    await records.stage(context as RequestContext | undefined, [{ write: 'put-migration', migration: ended }]);
  }
}

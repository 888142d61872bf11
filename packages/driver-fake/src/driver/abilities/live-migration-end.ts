import type { LiveMigrationAbortAbility, LiveMigrationForceCompleteAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { readPresent } from '../managed-view.js';

/** Ending a live migration beside the call that follows it, which goes on meanwhile. */
export function liveMigrationEnd({
  calls,
  connection,
}: AbilityParts): LiveMigrationAbortAbility & LiveMigrationForceCompleteAbility {
  return {
    liveMigrationAbort: ({ instance }, options = {}) =>
      calls.beside('liveMigrationAbort', instance.uuid, options, async (stepOptions) => {
        await readPresent(connection, instance, stepOptions);
        await connection.migrations.abort(instance.uuid, stepOptions);
      }),

    liveMigrationForceComplete: ({ instance }, options = {}) =>
      calls.beside('liveMigrationForceComplete', instance.uuid, options, async (stepOptions) => {
        await readPresent(connection, instance, stepOptions);
        await connection.migrations.force(instance.uuid, stepOptions);
      }),
  };
}

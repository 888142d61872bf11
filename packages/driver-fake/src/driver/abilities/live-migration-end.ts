import type { LiveMigrationAbortAbility, LiveMigrationForceCompleteAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { readPresent } from '../managed-view.js';

/** Ending a live migration beside the call that follows it, which goes on meanwhile. */
export function liveMigrationEnd({
  calls,
  connection,
}: AbilityParts): LiveMigrationAbortAbility & LiveMigrationForceCompleteAbility {
  return {
    liveMigrationAbort: (instanceUuid, options = {}) =>
      calls.beside('liveMigrationAbort', instanceUuid, options, async (stepOptions) => {
        await readPresent(connection, instanceUuid, stepOptions);
        await connection.migrations.abort(instanceUuid, stepOptions);
      }),

    liveMigrationForceComplete: (instanceUuid, options = {}) =>
      calls.beside('liveMigrationForceComplete', instanceUuid, options, async (stepOptions) => {
        await readPresent(connection, instanceUuid, stepOptions);
        await connection.migrations.force(instanceUuid, stepOptions);
      }),
  };
}

import type { SoftDeleteAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { letRun } from '../guest-launch.js';
import { stopGuest } from '../guest-stop.js';
import { readPresent } from '../managed-view.js';

export function softDelete({ calls, connection }: AbilityParts): SoftDeleteAbility {
  return {
    softDelete: ({ instance }, options = {}) =>
      calls.change('softDelete', instance, options, async (call) => {
        await stopGuest(await readPresent(connection, instance, call), 'keep', call);
      }),

    restore: ({ instance }, options = {}) =>
      calls.change('restore', instance, options, async (call) => {
        await letRun(instance, await readPresent(connection, instance, call), call);
      }),
  };
}

import type { BlockStatsAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { readPresent } from '../managed-view.js';
import { mustBe } from '../must-be.js';
import { powerStateOf } from '../power-state-of.js';

export function blockStats({ calls, connection }: AbilityParts): BlockStatsAbility {
  return {
    blockStats: ({ instance, deviceId }, options = {}) =>
      calls.read('blockStats', instance.uuid, options, async (readOptions) => {
        const view = await readPresent(connection, instance, readOptions);
        mustBe(['RUNNING', 'PAUSED'], powerStateOf(view), { instanceUuid: instance.uuid, operation: 'blockStats' });
        return await connection.devices.readStats(instance.uuid, deviceId, readOptions);
      }),
  };
}

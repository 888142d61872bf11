import type { BlockStatsAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { readPresent } from '../managed-view.js';
import { mustBe } from '../must-be.js';
import { powerStateOf } from '../power-state-of.js';

export function blockStats({ calls, connection }: AbilityParts): BlockStatsAbility {
  return {
    blockStats: (instanceUuid, deviceId, options = {}) =>
      calls.read('blockStats', instanceUuid, options, async (readOptions) => {
        const view = await readPresent(connection, instanceUuid, readOptions);
        mustBe(['RUNNING', 'PAUSED'], powerStateOf(view), { instanceUuid, operation: 'blockStats' });
        return await connection.devices.readStats(instanceUuid, deviceId, readOptions);
      }),
  };
}

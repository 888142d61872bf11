import type { PauseAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { changing } from '../changing.js';
import { readPresent } from '../managed-view.js';
import { mustBe } from '../must-be.js';
import { powerStateOf } from '../power-state-of.js';

export function pause({ calls, connection }: AbilityParts): PauseAbility {
  return {
    pause: (instanceUuid, options = {}) =>
      calls.change('pause', instanceUuid, options, async (call) => {
        const state = powerStateOf(await readPresent(connection, instanceUuid, call));
        if (state === 'PAUSED') return;
        mustBe(['RUNNING', 'PAUSED'], state, call);
        await changing(call, () => connection.pauseCpus(instanceUuid, call));
      }),

    unpause: (instanceUuid, options = {}) =>
      calls.change('unpause', instanceUuid, options, async (call) => {
        const state = powerStateOf(await readPresent(connection, instanceUuid, call));
        if (state === 'RUNNING') return;
        mustBe(['PAUSED', 'RUNNING'], state, call);
        await changing(call, () => connection.resumeCpus(instanceUuid, call));
      }),
  };
}

import type { PauseAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { changing } from '../changing.js';
import { readPresent } from '../managed-view.js';
import { mustBe } from '../must-be.js';
import { powerStateOf } from '../power-state-of.js';

export function pause({ calls, connection }: AbilityParts): PauseAbility {
  return {
    pause: ({ instance }, options = {}) =>
      calls.change('pause', instance, options, async (call) => {
        const state = powerStateOf(await readPresent(connection, instance, call));
        if (state === 'PAUSED') return;
        mustBe(['RUNNING', 'PAUSED'], state, call);
        await changing(call, () => connection.pauseCpus(instance.uuid, call));
      }),

    unpause: ({ instance }, options = {}) =>
      calls.change('unpause', instance, options, async (call) => {
        const state = powerStateOf(await readPresent(connection, instance, call));
        if (state === 'RUNNING') return;
        mustBe(['PAUSED', 'RUNNING'], state, call);
        await changing(call, () => connection.resumeCpus(instance.uuid, call));
      }),
  };
}

import type { InjectNetworkAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { changing } from '../changing.js';
import { readPresent } from '../managed-view.js';
import { mustBe } from '../must-be.js';
import { powerStateOf } from '../power-state-of.js';

export function injectNetwork({ calls, connection }: AbilityParts): InjectNetworkAbility {
  return {
    injectNetworkInfo: ({ instance }, options = {}) =>
      calls.change('injectNetworkInfo', instance, options, async (call) => {
        const { uuid } = instance;
        mustBe(['RUNNING'], powerStateOf(await readPresent(connection, instance, call)), call);
        const ids = instance.networkInterfaces.map(({ id }) => id);
        await changing(call, () => connection.writeNetwork(uuid, ids, call));
      }),
  };
}

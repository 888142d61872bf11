import type { VifAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { readPresent } from '../managed-view.js';
import { mustBe } from '../must-be.js';
import { powerStateOf } from '../power-state-of.js';
import { ofInterfaces, plugVifs, unplugVifs } from '../vif-plugging.js';

export function vifs({ calls, connection }: AbilityParts): VifAbility {
  return {
    plugVifs: ({ instance }, options = {}) =>
      calls.change('plugVifs', instance, options, async (call) => {
        const plugged = (await readPresent(connection, instance, call)).vifs;
        const missing = instance.networkInterfaces.filter(({ id }) => !plugged.includes(id));
        await plugVifs(ofInterfaces(instance, missing), call);
      }),

    unplugVifs: ({ instance }, options = {}) =>
      calls.change('unplugVifs', instance, options, async (call) => {
        const view = await readPresent(connection, instance, call);
        if (view.vifs.length === 0) return;
        mustBe(['SHUTDOWN', 'SUSPENDED'], powerStateOf(view), call);
        await unplugVifs(view.vifs, call);
      }),
  };
}

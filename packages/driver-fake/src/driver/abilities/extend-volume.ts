import type { ExtendVolumeAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { changing } from '../changing.js';
import { readPresent } from '../managed-view.js';

export function extendVolume({ calls, connection }: AbilityParts): ExtendVolumeAbility {
  return {
    extendVolume: ({ instance, deviceId, sizeMib }, options = {}) =>
      calls.change('extendVolume', instance, options, async (call) => {
        await readPresent(connection, instance, call);
        const found = await connection.devices.readVolume(instance.uuid, deviceId, call);
        if (sizeMib <= found.sizeMib) return;
        await changing(call, () => connection.devices.grow(instance.uuid, deviceId, sizeMib, call));
      }),
  };
}

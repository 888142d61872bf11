import type { InterfaceAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { attachDevice, detachDevice, readChangeable } from '../device-attachment.js';
import { ofInterfaces, plugVifs, unplugVifs, withVifEvents } from '../vif-plugging.js';

export function interfaces({ calls }: AbilityParts): InterfaceAbility {
  return {
    attachInterface: ({ instance, networkInterface }, options = {}) =>
      calls.change('attachInterface', instance, options, async (call) => {
        const view = await readChangeable(call);
        const added = { kind: 'interface', device: networkInterface } as const;
        const isPlugged = view.vifs.includes(networkInterface.id);
        if (view.guest.running === undefined || isPlugged) return attachDevice(added, view, call);
        const alone = ofInterfaces(instance, [networkInterface]);
        await withVifEvents(alone, call, async () => {
          await plugVifs(alone, call);
          await attachDevice(added, view, call);
        });
      }),

    detachInterface: ({ instance, interfaceId }, options = {}) =>
      calls.change('detachInterface', instance, options, async (call) => {
        const view = await readChangeable(call);
        await detachDevice('interface', interfaceId, view, call);
        await unplugVifs(
          view.vifs.filter((id) => id === interfaceId),
          call,
        );
      }),
  };
}

import type { ShareAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { changing } from '../changing.js';
import { readPresent } from '../managed-view.js';

export function shares({ calls, connection }: AbilityParts): ShareAbility {
  return {
    mountShare: ({ instance, share }, options = {}) =>
      calls.change('mountShare', instance, options, async (call) => {
        const { uuid } = instance;
        const mounted = (await readPresent(connection, instance, call)).shares ?? [];
        if (mounted.some(({ id }) => id === share.id)) return;
        call.undo.push(`unmount share ${share.id}`, (undo) => connection.shares.unmount(uuid, share.id, undo));
        await changing(call, () => connection.shares.mount(uuid, share, call));
      }),

    umountShare: ({ instance, share }, options = {}) =>
      calls.change('umountShare', instance, options, async (call) => {
        const { uuid } = instance;
        const mounted = (await readPresent(connection, instance, call)).shares ?? [];
        if (!mounted.some(({ id }) => id === share.id)) return;
        await changing(call, () => connection.shares.unmount(uuid, share.id, call));
      }),
  };
}

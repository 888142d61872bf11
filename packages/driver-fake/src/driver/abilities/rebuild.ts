import type { RebuildAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { changing } from '../changing.js';
import { checkFlavor } from '../flavor-check.js';
import { createRootDisk, defineGuest, startGuest } from '../guest-launch.js';
import { leaveOffWhenItFails, stopGuest } from '../guest-stop.js';
import { readPresent } from '../managed-view.js';
import { leaveRescue } from '../rescue-disk.js';

export function rebuild({ calls, connection }: AbilityParts): RebuildAbility {
  return {
    rebuild: ({ instance }, options = {}) =>
      calls.change('rebuild', instance, options, async (call) => {
        checkFlavor(instance);
        const view = await readPresent(connection, instance, call);
        await connection.images.check(instance.uuid, instance.image.id, call);
        leaveOffWhenItFails(view, call);
        await stopGuest(view, 'drop', call);
        if (view.disks.some(({ id }) => id === 'rescue')) await leaveRescue(call);
        await changing(call, () => connection.disks.remove(instance.uuid, 'root', call));
        await createRootDisk(instance, call);
        await defineGuest(instance, 'present', call);
        await startGuest(instance, call);
      }),
  };
}

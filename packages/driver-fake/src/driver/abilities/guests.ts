import { ComputeError, type ComputeDriver } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { checkFlavor } from '../flavor-check.js';
import { createDisks, defineGuest, startGuest } from '../guest-launch.js';
import { reuseDisks } from '../reused-disks.js';
import { removeGuest, stopGuest } from '../guest-stop.js';
import { readManaged } from '../managed-view.js';

/** Making guests and removing them: the part of the driver that every driver has. */
export function guests({ calls, connection }: AbilityParts): Pick<ComputeDriver, 'spawn' | 'destroy'> {
  return {
    spawn: (instance, options = {}) =>
      calls.change('spawn', instance.uuid, options, async (call) => {
        checkFlavor(instance);
        const { guest, disks } = await connection.readState(instance.uuid, call);
        if (guest !== undefined) throw new ComputeError('INSTANCE_EXISTS', { instanceUuid: instance.uuid });
        if (options.disks === 'reuse') await reuseDisks(instance, disks, call);
        else await createDisks(instance, disks, call);
        await defineGuest(instance, 'absent', call);
        if (options.start !== 'leave-off') await startGuest(instance, call);
      }),

    destroy: (instanceUuid, options = {}) =>
      calls.change('destroy', instanceUuid, { ...options, order: 'overtake' }, async (call) => {
        const view = await readManaged(connection, instanceUuid, call);
        await stopGuest(view, 'drop', call);
        await removeGuest(view, options.disks ?? 'remove', call);
      }),
  };
}

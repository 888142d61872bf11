import { ComputeError, type ComputeDriver, type SpawnRequest } from '@virtkit/core/driver';
import type { GuestView } from '../../hypervisor/guest-view.js';
import type { AbilityParts } from '../ability-parts.js';
import { checkFlavor } from '../flavor-check.js';
import { createDisks, defineGuest, startGuest } from '../guest-launch.js';
import { isOfAnother } from '../guest-generation.js';
import { removeGuest, stopGuest } from '../guest-stop.js';
import { isPresent, readOurs } from '../managed-view.js';
import { resumeSpawn } from '../resumed-spawn.js';
import { reuseDisks } from '../reused-disks.js';

/** Making guests and removing them: the part of the driver that every driver has. */
export function guests({ calls, connection }: AbilityParts): Pick<ComputeDriver, 'spawn' | 'destroy'> {
  return {
    spawn: (request, options = {}) =>
      calls.change('spawn', request.instance, options, async (call) => {
        const { instance, disks, start } = request;
        checkFlavor(instance);
        const view = await connection.readState(instance.uuid, call);
        refuseOthers(request, view);
        if (isPresent(view)) return resumeSpawn(request, view, call);
        if (disks === 'reuse') await reuseDisks(instance, view.disks, call);
        else await createDisks(instance, view.disks, call);
        await defineGuest(instance, 'absent', call);
        if (start !== 'leave-off') await startGuest(instance, call);
      }),

    destroy: ({ instance, disks = 'remove' }, options = {}) =>
      calls.change('destroy', instance, { ...options, order: 'overtake' }, async (call) => {
        const view = await readOurs(connection, instance.uuid, call);
        if (isOfAnother(view, instance.generation)) return;
        await stopGuest(view, 'drop', call);
        await removeGuest(view, disks, call);
      }),
  };
}

/**
 * What is there must be of the spec's generation. A guest without one is nobody's to spawn again; disks that are to be reused are of an
 * earlier generation by their nature.
 * @throws ComputeError `INSTANCE_EXISTS`
 */
function refuseOthers({ instance, disks }: SpawnRequest, view: GuestView): void {
  const { uuid, generation = null } = instance;
  const isMine = generation !== null && view.guest?.maker !== 'stranger' && !isOfAnother(view, generation);
  const isFree = view.guest === undefined && (disks === 'reuse' || !isOfAnother(view, generation));
  if (!isMine && !isFree) throw new ComputeError('INSTANCE_EXISTS', { instanceUuid: uuid });
}

import type { EvacuateAbility, LingeringFilesAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { changing } from '../changing.js';
import { removeMoveFiles } from '../guest-stop.js';
import { readManaged } from '../managed-view.js';

export function evacuate({ calls, connection }: AbilityParts): EvacuateAbility {
  return {
    instanceOnDisk: ({ instance }, options = {}) =>
      calls.read('instanceOnDisk', instance.uuid, options, (stepOptions) =>
        connection.moves.readReach(instance.uuid, stepOptions),
      ),
  };
}

/** Files that nobody's guest uses. On storage that is shared the host lets them go, for another may use them. */
export function lingeringFiles({ calls, connection }: AbilityParts): LingeringFilesAbility {
  return {
    deleteInstanceFiles: ({ instance }, options = {}) =>
      calls.change('deleteInstanceFiles', instance, options, async (call) => {
        const view = await readManaged(connection, instance, call);
        await removeMoveFiles(view, call);
        // What a guest has is not left over; what others may have is let go.
        if (view.guest !== undefined || view.disks.length === 0) return;
        if ((await connection.machine.readStorageKind(call)) === 'shared') {
          await changing(call, () => connection.moves.letGo(instance.uuid, call));
          return;
        }
        for (const { id } of view.disks) await changing(call, () => connection.disks.remove(instance.uuid, id, call));
      }),
  };
}

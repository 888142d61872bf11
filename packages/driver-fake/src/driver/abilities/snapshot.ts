import type { SnapshotAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { changing } from '../changing.js';
import { readPresent } from '../managed-view.js';
import { mustBe } from '../must-be.js';
import { powerStateOf } from '../power-state-of.js';

export function snapshot({ calls, connection }: AbilityParts): SnapshotAbility {
  return {
    snapshot: ({ instance, target }, options = {}) =>
      calls.change('snapshot', instance, options, async (call) => {
        const { images } = connection;
        const view = await readPresent(connection, instance, call);
        mustBe(['RUNNING', 'PAUSED', 'SHUTDOWN', 'SUSPENDED'], powerStateOf(view), call);
        const totalMib = (view.disks.find(({ id }) => id === 'root')?.sizeGib ?? 0) * 1024;

        options.onProgress?.({ phase: 'image_snapshot', doneMib: 0, totalMib });
        call.undo.push('remove what is at the target', (undo) => images.removeFile(instance.uuid, target.path, undo));
        call.undo.push('drop what was captured', (undo) => images.dropCapture(instance.uuid, undo));
        await changing(call, () => images.capture(instance.uuid, target, call));
        options.onProgress?.({ phase: 'image_pending_upload', doneMib: 0, totalMib });
        await changing(call, () => images.copyCapture(instance.uuid, call));
        options.onProgress?.({ phase: 'image_uploading', doneMib: totalMib, totalMib });
        await changing(call, () => images.dropCapture(instance.uuid, call));
      }),
  };
}

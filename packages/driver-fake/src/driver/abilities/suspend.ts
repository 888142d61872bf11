import type { CallOptions, SuspendAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { changing } from '../changing.js';
import type { DriverCall } from '../driver-call.js';
import { letRun } from '../guest-launch.js';
import { readPresent, type PresentGuest } from '../managed-view.js';
import { mustBe } from '../must-be.js';
import { powerStateOf } from '../power-state-of.js';
import { unplugVifs } from '../vif-plugging.js';

export function suspend({ calls, connection }: AbilityParts): SuspendAbility {
  return {
    suspend: ({ instance }, options = {}) =>
      calls.change('suspend', instance, options, async (call) => {
        const view = await readPresent(connection, instance, call);
        const state = powerStateOf(view);
        if (state !== 'SUSPENDED') {
          mustBe(['RUNNING', 'PAUSED', 'SUSPENDED'], state, call);
          call.undo.push('bring the guest back', (undoOptions) => bringBack(view, call, undoOptions));
          await changing(call, () => connection.saveMemory(instance.uuid, call));
        }
        await unplugVifs(view.vifs, call);
      }),

    resume: ({ instance }, options = {}) =>
      calls.change('resume', instance, options, async (call) => {
        const view = await readPresent(connection, instance, call);
        const state = powerStateOf(view);
        if (state === 'RUNNING') return;
        // A process that died meanwhile has left it paused, its memory restored and still saved.
        if (state !== 'PAUSED' || view.savedMemory === 'absent') mustBe(['SUSPENDED', 'RUNNING'], state, call);
        await letRun(instance, view, call);
      }),
  };
}

/** Undoes a suspend: the guest goes on as it was, unless another call has stopped or removed it since. */
async function bringBack(before: PresentGuest, call: DriverCall, options: CallOptions): Promise<void> {
  if (call.overtaken === 'yes') return;
  const { connection } = call;
  const { uuid, savedMemory } = await connection.readState(before.uuid, options);
  if (savedMemory === 'absent') return;
  for (const id of before.vifs) await connection.vifs.plug(uuid, id, options);
  await connection.restoreMemory(uuid, options);
  if (before.guest.state === 'running') await connection.resumeCpus(uuid, options);
}

import type { RebootAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { startAnew } from '../guest-launch.js';
import { askGuestToStop, stopGuest } from '../guest-stop.js';
import { readMine } from '../managed-view.js';
import { leaveRescue } from '../rescue-disk.js';

export function reboot({ calls }: AbilityParts): RebootAbility {
  return {
    reboot: ({ instance, type }, options = {}) =>
      calls.change('reboot', instance, options, async (call) => {
        const view = await readMine(call);
        if (type === 'SOFT' && view.guest?.state === 'running') {
          const gracePeriodMs = call.settings.softRebootTimeoutMs;
          await askGuestToStop(call, { gracePeriodMs, retryIntervalMs: gracePeriodMs });
        }
        if (type === 'HARD' && view.disks.some(({ id }) => id === 'rescue')) {
          await stopGuest(view, 'drop', call);
          await leaveRescue(call);
        }
        await startAnew(instance, call);
      }),
  };
}

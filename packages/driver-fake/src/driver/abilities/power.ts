import type { PowerAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { letRun } from '../guest-launch.js';
import { askGuestToStop, stopGuest } from '../guest-stop.js';
import { readManaged, readMine } from '../managed-view.js';

export function power({ calls, connection }: AbilityParts): PowerAbility {
  return {
    powerOn: ({ instance }, options = {}) =>
      calls.change('powerOn', instance, options, async (call) => {
        await letRun(instance, await readMine(call), call);
      }),

    powerOff: ({ instance, gracePeriodMs = 0, retryIntervalMs = 10_000 }, options = {}) => {
      const order = gracePeriodMs > 0 ? 'in turn' : 'overtake';
      return calls.change('powerOff', instance, { ...options, order }, async (call) => {
        let view = await readManaged(connection, instance, call);
        if (gracePeriodMs > 0 && view.guest?.state === 'running') {
          await askGuestToStop(call, { gracePeriodMs, retryIntervalMs });
          view = await readManaged(connection, instance, call);
        }
        await stopGuest(view, 'keep', call);
      });
    },
  };
}

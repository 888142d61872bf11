import type { RescueAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { defineGuest, letRun, startGuest } from '../guest-launch.js';
import { leaveOffWhenItFails, stopGuest } from '../guest-stop.js';
import { readPresent, type PresentGuest } from '../managed-view.js';
import { mustBe } from '../must-be.js';
import { powerStateOf } from '../power-state-of.js';
import { enterRescue, leaveRescue } from '../rescue-disk.js';

export function rescue({ calls, connection }: AbilityParts): RescueAbility {
  return {
    rescue: ({ instance, image }, options = {}) =>
      calls.change('rescue', instance, options, async (call) => {
        const view = await readPresent(connection, instance, call);
        mustBe(['SHUTDOWN', 'RUNNING', 'PAUSED', 'CRASHED'], powerStateOf(view), call);
        await connection.images.check(instance.uuid, image.id, call);
        leaveOffWhenItFails(view, call);
        await stopGuest(view, 'keep', call);
        if (isRescued(view)) await leaveRescue(call);
        await enterRescue(image, call);
        await defineGuest(instance, 'present', call);
        await startGuest(instance, call);
      }),

    unrescue: ({ instance }, options = {}) =>
      calls.change('unrescue', instance, options, async (call) => {
        const view = await readPresent(connection, instance, call);
        if (!isRescued(view)) return letRun(instance, view, call);
        leaveOffWhenItFails(view, call);
        await stopGuest(view, 'drop', call);
        await leaveRescue(call);
        await defineGuest(instance, 'present', call);
        await startGuest(instance, call);
      }),
  };
}

/** Also where a process has died half way: a rescue disk is there, or the guest would boot from one. */
function isRescued({ guest, disks }: PresentGuest): boolean {
  return guest.bootsFrom === 'rescue-image' || disks.some(({ id }) => id === 'rescue');
}

import type { AdminPasswordAbility, CrashDumpAbility, QuiesceAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { changing } from '../changing.js';
import { readPresent } from '../managed-view.js';
import { mustBe } from '../must-be.js';
import { powerStateOf } from '../power-state-of.js';

const FREEZE_MS_DEFAULT = 10_000;

export function guestAgent({
  calls,
  connection,
}: AbilityParts): AdminPasswordAbility & QuiesceAbility & CrashDumpAbility {
  return {
    setAdminPassword: ({ instance, password }, options = {}) =>
      calls.change('setAdminPassword', instance, options, async (call) => {
        await readPresent(connection, instance, call);
        await changing(call, () => connection.agents.setPassword(instance.uuid, password, call));
      }),

    quiesce: ({ instance, freezeMsMax = FREEZE_MS_DEFAULT }, options = {}) =>
      calls.change('quiesce', instance, options, async (call) => {
        await readPresent(connection, instance, call);
        call.undo.push('thaw the guest', (undo) => connection.agents.thaw(instance.uuid, undo));
        await changing(call, () => connection.agents.freeze(instance.uuid, freezeMsMax, call));
      }),

    unquiesce: ({ instance }, options = {}) =>
      calls.change('unquiesce', instance, options, async (call) => {
        await readPresent(connection, instance, call);
        await changing(call, () => connection.agents.thaw(instance.uuid, call));
      }),

    triggerCrashDump: ({ instance }, options = {}) =>
      calls.change('triggerCrashDump', instance, options, async (call) => {
        mustBe(['RUNNING'], powerStateOf(await readPresent(connection, instance, call)), call);
        await changing(call, () => connection.agents.injectCrash(instance.uuid, call));
      }),
  };
}

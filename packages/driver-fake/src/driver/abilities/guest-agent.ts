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
    setAdminPassword: (instanceUuid, password, options = {}) =>
      calls.change('setAdminPassword', instanceUuid, options, async (call) => {
        await readPresent(connection, instanceUuid, call);
        await changing(call, () => connection.agents.setPassword(instanceUuid, password, call));
      }),

    quiesce: (instanceUuid, options = {}) =>
      calls.change('quiesce', instanceUuid, options, async (call) => {
        const { freezeMsMax = FREEZE_MS_DEFAULT } = options;
        await readPresent(connection, instanceUuid, call);
        call.undo.push('thaw the guest', (undo) => connection.agents.thaw(instanceUuid, undo));
        await changing(call, () => connection.agents.freeze(instanceUuid, freezeMsMax, call));
      }),

    unquiesce: (instanceUuid, options = {}) =>
      calls.change('unquiesce', instanceUuid, options, async (call) => {
        await readPresent(connection, instanceUuid, call);
        await changing(call, () => connection.agents.thaw(instanceUuid, call));
      }),

    triggerCrashDump: (instanceUuid, options = {}) =>
      calls.change('triggerCrashDump', instanceUuid, options, async (call) => {
        mustBe(['RUNNING'], powerStateOf(await readPresent(connection, instanceUuid, call)), call);
        await changing(call, () => connection.agents.injectCrash(instanceUuid, call));
      }),
  };
}

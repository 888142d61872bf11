import type {
  HostCpuStatsAbility,
  HostMaintenanceAbility,
  HostPowerAbility,
  HostUptimeAbility,
  PowerUpdateAbility,
  ResumeOnHostBootAbility,
} from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { letRun, startAnew } from '../guest-launch.js';
import { stopGuest } from '../guest-stop.js';
import { readMine, readPresent } from '../managed-view.js';

/** What the host says of itself. */
export function hostFigures({ calls, connection }: AbilityParts): HostUptimeAbility & HostCpuStatsAbility {
  return {
    getHostUptimeMs: (_request, options = {}) =>
      calls.read('getHostUptimeMs', undefined, options, async (stepOptions) => {
        const { uptimeMs } = await connection.machine.readClock(stepOptions);
        return uptimeMs;
      }),

    getHostCpuStats: (_request, options = {}) =>
      calls.read('getHostCpuStats', undefined, options, async (stepOptions) => {
        const { kernelMs, userMs, idleMs, iowaitMs, frequencyMhz } = await connection.machine.readClock(stepOptions);
        return { kernelMs, userMs, idleMs, iowaitMs, frequencyMhz };
      }),
  };
}

/** What is done to the host. A driver that reboots it loses its connection, as everybody on it does. */
export function hostControl({ calls, connection }: AbilityParts): HostPowerAbility & HostMaintenanceAbility {
  return {
    hostPowerAction: ({ action }, options = {}) =>
      calls.changeHost('hostPowerAction', options, async (stepOptions, changed) => {
        changed();
        await connection.machine.switch(action, stepOptions);
      }),

    setHostMode: ({ mode }, options = {}) =>
      calls.changeHost('setHostMode', options, async (stepOptions, changed) => {
        changed();
        await connection.machine.mark(mode, stepOptions);
      }),
  };
}

/** Guests after their host, or somebody outside, has changed their power. */
export function powerFromOutside({ calls, connection }: AbilityParts): ResumeOnHostBootAbility & PowerUpdateAbility {
  return {
    resumeStateOnHostBoot: ({ instance }, options = {}) =>
      calls.change('resumeStateOnHostBoot', instance, options, async (call) => {
        await letRun(instance, await readMine(call), call);
      }),

    powerUpdateEvent: ({ instance, target }, options = {}) =>
      calls.change('powerUpdateEvent', instance, options, async (call) => {
        const view = await readPresent(connection, instance, call);
        if (target === 'POWER_OFF') await stopGuest(view, 'keep', call);
        else if (view.guest.state !== 'running') await startAnew(view.guest.definition, call);
      }),
  };
}

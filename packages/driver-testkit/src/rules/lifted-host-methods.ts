import { Secret } from '@virtkit/core/driver';
import { lifted, type LiftedMethod } from './lifted-method.js';

const password = new Secret('nobody gets this one');

/** Methods that reach into a guest, tell where its consoles are, and are about the host. */
export const liftedHostMethods: readonly LiftedMethod[] = [
  lifted('getVncConsole', 'vncConsole', 'refuses', (driver, instance, options) =>
    driver.getVncConsole({ instance }, options),
  ),
  lifted('getSpiceConsole', 'spiceConsole', 'refuses', (driver, instance, options) =>
    driver.getSpiceConsole({ instance }, options),
  ),
  lifted('getSerialConsole', 'serialConsole', 'refuses', (driver, instance, options) =>
    driver.getSerialConsole({ instance }, options),
  ),
  lifted('getMksConsole', 'mksConsole', 'refuses', (driver, instance, options) =>
    driver.getMksConsole({ instance }, options),
  ),
  lifted('setAdminPassword', 'adminPassword', 'refuses', (driver, instance, options) =>
    driver.setAdminPassword({ instance, password }, options),
  ),
  lifted('quiesce', 'quiesce', 'refuses', (driver, instance, options) => driver.quiesce({ instance }, options)),
  lifted('unquiesce', 'quiesce', 'refuses', (driver, instance, options) => driver.unquiesce({ instance }, options)),
  lifted('triggerCrashDump', 'crashDump', 'refuses', (driver, instance, options) =>
    driver.triggerCrashDump({ instance }, options),
  ),
  lifted('getDiagnostics', 'diagnostics', 'refuses', (driver, instance, options) =>
    driver.getDiagnostics({ instance }, options),
  ),
  lifted('getHostUptimeMs', 'hostUptime', 'none', (driver, _instance, options) => driver.getHostUptimeMs({}, options)),
  lifted('getHostCpuStats', 'hostCpuStats', 'none', (driver, _instance, options) =>
    driver.getHostCpuStats({}, options),
  ),
  lifted('hostPowerAction', 'hostPower', 'none', (driver, _instance, options) =>
    driver.hostPowerAction({ action: 'startup' }, options),
  ),
  lifted('setHostMode', 'hostMaintenance', 'none', (driver, _instance, options) =>
    driver.setHostMode({ mode: 'enabled' }, options),
  ),
  lifted('resumeStateOnHostBoot', 'resumeOnHostBoot', 'makes', (driver, instance, options) =>
    driver.resumeStateOnHostBoot({ instance }, options),
  ),
  lifted('powerUpdateEvent', 'powerUpdate', 'refuses', (driver, instance, options) =>
    driver.powerUpdateEvent({ instance, target: 'POWER_ON' }, options),
  ),
];

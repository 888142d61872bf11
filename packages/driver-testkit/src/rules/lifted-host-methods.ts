import { Secret } from '@virtkit/core/driver';
import { lifted, type LiftedMethod } from './lifted-method.js';

const password = new Secret('nobody gets this one');

/** Methods that reach into a guest, tell where its consoles are, and are about the host. */
export const liftedHostMethods: readonly LiftedMethod[] = [
  lifted('getVncConsole', 'vncConsole', 'refuses', (driver, { uuid }, options) => driver.getVncConsole(uuid, options)),
  lifted('getSpiceConsole', 'spiceConsole', 'refuses', (driver, { uuid }, options) =>
    driver.getSpiceConsole(uuid, options),
  ),
  lifted('getSerialConsole', 'serialConsole', 'refuses', (driver, { uuid }, options) =>
    driver.getSerialConsole(uuid, options),
  ),
  lifted('getMksConsole', 'mksConsole', 'refuses', (driver, { uuid }, options) => driver.getMksConsole(uuid, options)),
  lifted('setAdminPassword', 'adminPassword', 'refuses', (driver, { uuid }, options) =>
    driver.setAdminPassword(uuid, password, options),
  ),
  lifted('quiesce', 'quiesce', 'refuses', (driver, { uuid }, options) => driver.quiesce(uuid, options)),
  lifted('unquiesce', 'quiesce', 'refuses', (driver, { uuid }, options) => driver.unquiesce(uuid, options)),
  lifted('triggerCrashDump', 'crashDump', 'refuses', (driver, { uuid }, options) =>
    driver.triggerCrashDump(uuid, options),
  ),
  lifted('getDiagnostics', 'diagnostics', 'refuses', (driver, { uuid }, options) =>
    driver.getDiagnostics(uuid, options),
  ),
  lifted('getHostUptimeMs', 'hostUptime', 'none', (driver, _instance, options) => driver.getHostUptimeMs(options)),
  lifted('getHostCpuStats', 'hostCpuStats', 'none', (driver, _instance, options) => driver.getHostCpuStats(options)),
  lifted('hostPowerAction', 'hostPower', 'none', (driver, _instance, options) =>
    driver.hostPowerAction('startup', options),
  ),
  lifted('setHostMode', 'hostMaintenance', 'none', (driver, _instance, options) =>
    driver.setHostMode('enabled', options),
  ),
  lifted('resumeStateOnHostBoot', 'resumeOnHostBoot', 'makes', (driver, instance, options) =>
    driver.resumeStateOnHostBoot(instance, options),
  ),
  lifted('powerUpdateEvent', 'powerUpdate', 'refuses', (driver, { uuid }, options) =>
    driver.powerUpdateEvent(uuid, 'POWER_ON', options),
  ),
];

import { liftedDeviceMethods } from './lifted-device-methods.js';
import { liftedHostMethods } from './lifted-host-methods.js';
import { liftedMoveMethods } from './lifted-move-methods.js';
import { lifted, type LiftedMethod } from './lifted-method.js';

/** Every method between `initHost` and `cleanupHost` that the suite knows. */
export const liftedMethods: readonly LiftedMethod[] = [
  lifted('spawn', undefined, 'makes', (driver, instance, options) => driver.spawn(instance, options)),
  lifted('destroy', undefined, 'success', (driver, { uuid }, options) => driver.destroy(uuid, options)),
  lifted('getInfo', undefined, 'refuses', (driver, { uuid }, options) => driver.getInfo(uuid, options)),
  lifted('inspect', undefined, 'success', (driver, { uuid }, options) => driver.inspect(uuid, options)),
  lifted('listInstanceUuids', undefined, 'none', (driver, _instance, options) => driver.listInstanceUuids(options)),
  lifted('powerOn', 'power', 'makes', (driver, instance, options) => driver.powerOn(instance, options)),
  lifted('powerOff', 'power', 'success', (driver, { uuid }, options) => driver.powerOff(uuid, options)),
  lifted('pause', 'pause', 'refuses', (driver, { uuid }, options) => driver.pause(uuid, options)),
  lifted('unpause', 'pause', 'refuses', (driver, { uuid }, options) => driver.unpause(uuid, options)),
  lifted('suspend', 'suspend', 'refuses', (driver, { uuid }, options) => driver.suspend(uuid, options)),
  lifted('resume', 'suspend', 'refuses', (driver, instance, options) => driver.resume(instance, options)),
  lifted('reboot', 'reboot', 'makes', (driver, instance, options) => driver.reboot(instance, 'HARD', options)),
  lifted('getConsoleOutput', 'consoleOutput', 'refuses', (driver, { uuid }, options) =>
    driver.getConsoleOutput(uuid, options),
  ),
  lifted('getAvailableResource', 'hostResources', 'none', (driver, _instance, options) =>
    driver.getAvailableResource(options),
  ),
  ...liftedDeviceMethods,
  ...liftedMoveMethods,
  ...liftedHostMethods,
];

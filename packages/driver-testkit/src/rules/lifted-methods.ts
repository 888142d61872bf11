import { liftedDeviceMethods } from './lifted-device-methods.js';
import { liftedHostMethods } from './lifted-host-methods.js';
import { liftedMoveMethods } from './lifted-move-methods.js';
import { lifted, type LiftedMethod } from './lifted-method.js';

/** Every method between `initHost` and `cleanupHost` that the suite knows. */
export const liftedMethods: readonly LiftedMethod[] = [
  lifted('spawn', undefined, 'makes', (driver, instance, options) => driver.spawn({ instance }, options)),
  lifted('destroy', undefined, 'success', (driver, instance, options) => driver.destroy({ instance }, options)),
  lifted('getInfo', undefined, 'refuses', (driver, instance, options) => driver.getInfo({ instance }, options)),
  lifted('inspect', undefined, 'success', (driver, instance, options) =>
    driver.inspect({ instanceUuid: instance.uuid }, options),
  ),
  lifted('listInstanceUuids', undefined, 'none', (driver, _instance, options) => driver.listInstanceUuids({}, options)),
  lifted('powerOn', 'power', 'makes', (driver, instance, options) => driver.powerOn({ instance }, options)),
  lifted('powerOff', 'power', 'success', (driver, instance, options) => driver.powerOff({ instance }, options)),
  lifted('pause', 'pause', 'refuses', (driver, instance, options) => driver.pause({ instance }, options)),
  lifted('unpause', 'pause', 'refuses', (driver, instance, options) => driver.unpause({ instance }, options)),
  lifted('suspend', 'suspend', 'refuses', (driver, instance, options) => driver.suspend({ instance }, options)),
  lifted('resume', 'suspend', 'refuses', (driver, instance, options) => driver.resume({ instance }, options)),
  lifted('reboot', 'reboot', 'makes', (driver, instance, options) =>
    driver.reboot({ instance, type: 'HARD' }, options),
  ),
  lifted('getConsoleOutput', 'consoleOutput', 'refuses', (driver, instance, options) =>
    driver.getConsoleOutput({ instance }, options),
  ),
  lifted('getAvailableResource', 'hostResources', 'none', (driver, _instance, options) =>
    driver.getAvailableResource({}, options),
  ),
  ...liftedDeviceMethods,
  ...liftedMoveMethods,
  ...liftedHostMethods,
];

import { powerStates, type DriverMethods } from '../driver/index.js';
import {
  have,
  isAmount,
  isCounter,
  isObject,
  isPort,
  isText,
  listOf,
  optional,
  type AnswerCheck,
  type AnswerTable,
} from './answer-shapes.js';

const isPowerState = (value: unknown): boolean => isText(value) && Object.hasOwn(powerStates, value);
const isPresence = (value: unknown): boolean => value === 'present' || value === 'absent';

const isConsole: AnswerCheck = (answer) => {
  if (!isObject(answer)) return false;
  const { socketPath, address, port, tlsPort } = answer;
  if (socketPath !== undefined) return isText(socketPath) && socketPath.startsWith('/');
  return isText(address) && address !== '' && isPort(port) && optional(isPort)(tlsPort);
};

const isInspection: AnswerCheck = (answer) => {
  if (!isObject(answer)) return false;
  const { guest, powerState, savedMemory, bootsFrom, generation, imageId, belongings } = answer;
  return (
    isPresence(guest) &&
    isPowerState(powerState) &&
    isPresence(savedMemory) &&
    (bootsFrom === undefined || bootsFrom === 'own-disk' || bootsFrom === 'rescue-image') &&
    (generation === undefined || generation === null || isText(generation)) &&
    optional(isText)(imageId) &&
    isTexts(belongings)
  );
};

const isTexts = listOf(isText);

const isMigrationData: AnswerCheck = (answer) =>
  isObject(answer) &&
  isText(answer['driver']) &&
  (answer['disks'] === 'shared' || answer['disks'] === 'copied') &&
  isText(answer['address']) &&
  isObject(answer['facts']);

/** What of a call's answer the manager uses. */
export const driverAnswers: AnswerTable<DriverMethods> = {
  getInfo: (answer) => isObject(answer) && isPowerState(answer['powerState']),
  inspect: isInspection,
  listInstanceUuids: isTexts,
  instanceOnDisk: isPresence,
  getConsoleOutput: (answer) => answer instanceof Uint8Array,
  getVncConsole: isConsole,
  getSpiceConsole: isConsole,
  getSerialConsole: isConsole,
  getMksConsole: isConsole,
  getDiagnostics: (answer) =>
    isObject(answer) &&
    isPowerState(answer['powerState']) &&
    isObject(answer['memory']) &&
    [answer['vcpus'], answer['disks'], answer['networkInterfaces']].every(listOf(isObject)),
  getVolumeConnector: have(['host', 'address'], isText),
  blockStats: have(['readRequests', 'readBytes', 'writeRequests', 'writeBytes', 'errors'], isCounter),
  migrateDiskAndPowerOff: (answer) => isObject(answer) && isText(answer['driver']) && listOf(isObject)(answer['disks']),
  checkCanLiveMigrateDestination: isMigrationData,
  checkCanLiveMigrateSource: isMigrationData,
  preLiveMigration: isMigrationData,
  cacheImage: (answer) => answer === 'cached' || answer === 'existing',
  getAvailableResource: have(['vcpus', 'memoryMib', 'memoryUsedMib', 'diskGib', 'diskUsedGib'], isAmount),
  getHostUptimeMs: isAmount,
  getHostCpuStats: have(['kernelMs', 'userMs', 'idleMs', 'iowaitMs', 'frequencyMhz'], isAmount),
};

import { powerStates, type DriverMethodName } from '../driver/index.js';

/** Whether an answer has the shape that the contract says. Cheap: it is asked of each call. */
export type AnswerCheck = (answer: unknown) => boolean;

type Fields = Readonly<Record<string, unknown>>;

/** More guests, holdings or devices than this no host has. */
const COUNT_MAX = 1_000_000;

const isText = (value: unknown): value is string => typeof value === 'string';
const isAmount = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0;
const isCounter = (value: unknown): boolean => typeof value === 'bigint' && value >= 0n;
const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isPowerState = (value: unknown): boolean => isText(value) && Object.hasOwn(powerStates, value);
const isPresence = (value: unknown): boolean => value === 'present' || value === 'absent';
const isPort = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535;

function isOptional(value: unknown, check: AnswerCheck): boolean {
  return value === undefined || check(value);
}

function isListOf(check: AnswerCheck): AnswerCheck {
  return (value) => Array.isArray(value) && value.length <= COUNT_MAX && value.every(check);
}

function have(names: readonly string[], check: AnswerCheck): AnswerCheck {
  return (answer) => isObject(answer) && names.every((name) => check(answer[name]));
}

const isConsole: AnswerCheck = (answer) => {
  if (!isObject(answer)) return false;
  const { socketPath, address, port, tlsPort } = answer;
  if (socketPath !== undefined) return isText(socketPath) && socketPath.startsWith('/');
  return isText(address) && address !== '' && isPort(port) && isOptional(tlsPort, isPort);
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
    isOptional(imageId, isText) &&
    isTexts(belongings)
  );
};

const isTexts = isListOf(isText);

const isMigrationData: AnswerCheck = (answer) =>
  isObject(answer) &&
  isText(answer['driver']) &&
  (answer['disks'] === 'shared' || answer['disks'] === 'copied') &&
  isText(answer['address']) &&
  isObject(answer['facts']);

/** What of a call's answer the manager uses. Methods that are not here answer with nothing that is looked at. */
export const driverAnswers: { readonly [Method in DriverMethodName]?: AnswerCheck } = {
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
    [answer['vcpus'], answer['disks'], answer['networkInterfaces']].every(isListOf(isObject)),
  getVolumeConnector: have(['host', 'address'], isText),
  blockStats: have(['readRequests', 'readBytes', 'writeRequests', 'writeBytes', 'errors'], isCounter),
  migrateDiskAndPowerOff: (answer) =>
    isObject(answer) && isText(answer['driver']) && isListOf(isObject)(answer['disks']),
  checkCanLiveMigrateDestination: isMigrationData,
  checkCanLiveMigrateSource: isMigrationData,
  preLiveMigration: isMigrationData,
  cacheImage: (answer) => answer === 'cached' || answer === 'existing',
  getAvailableResource: have(['vcpus', 'memoryMib', 'memoryUsedMib', 'diskGib', 'diskUsedGib'], isAmount),
  getHostUptimeMs: isAmount,
  getHostCpuStats: have(['kernelMs', 'userMs', 'idleMs', 'iowaitMs', 'frequencyMhz'], isAmount),
};

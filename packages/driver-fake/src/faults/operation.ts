/** What a driver can ask the simulated hypervisor for. Each is one round trip. */
export const hypervisorSteps = [
  'connect',
  'readState',
  'listGuests',
  'readConsole',
  'readResources',
  'createDisk',
  'removeDisk',
  'plugVif',
  'unplugVif',
  'define',
  'undefine',
  'start',
  'stop',
  'askToStop',
  'pauseCpus',
  'resumeCpus',
  'saveMemory',
  'restoreMemory',
  'dropSavedMemory',
] as const;

/** What a manager can ask the driver for. No name is also a step's. */
export const driverMethods = [
  'initHost',
  'cleanupHost',
  'spawn',
  'destroy',
  'getInfo',
  'inspect',
  'listInstanceUuids',
  'powerOn',
  'powerOff',
  'pause',
  'unpause',
  'suspend',
  'resume',
  'reboot',
  'getConsoleOutput',
  'getAvailableResource',
] as const;

export type HypervisorStep = (typeof hypervisorSteps)[number];
export type DriverMethod = (typeof driverMethods)[number];

/** Where a fault can be planned. */
export type Operation = HypervisorStep | DriverMethod;

export function isHypervisorStep(operation: string): operation is HypervisorStep {
  return (hypervisorSteps as readonly string[]).includes(operation);
}

export function isDriverMethod(operation: string): operation is DriverMethod {
  return (driverMethods as readonly string[]).includes(operation);
}

import type { DriverCapabilities } from '@virtkit/core/driver';

/** What the simulated hypervisor can do. Whatever is left out is not simulated. */
export const fakeCapabilities = {
  power: true,
  pause: true,
  suspend: true,
  reboot: true,
  consoleOutput: true,
  hostResources: true,
  rescue: true,
  rebuild: true,
  softDelete: true,
  snapshot: true,
  imageCache: true,
  volumes: true,
  swapVolume: true,
  extendVolume: true,
  volumeSnapshots: true,
  blockStats: true,
  interfaces: true,
  vifs: true,
  injectNetwork: true,
  shares: true,
  resize: true,
  liveMigration: true,
  liveMigrationAbort: true,
  liveMigrationForceComplete: true,
  evacuate: true,
  lingeringFiles: true,
  vncConsole: true,
  spiceConsole: true,
  serialConsole: true,
  mksConsole: true,
  adminPassword: true,
  quiesce: true,
  crashDump: true,
  diagnostics: true,
  hostUptime: true,
  hostCpuStats: true,
  hostPower: true,
  hostMaintenance: true,
  resumeOnHostBoot: true,
  powerUpdate: true,
} as const satisfies DriverCapabilities;

/** Those of the abilities that it declares to have: the class of the driver must have every method of them. */
export type FakeCapability = {
  [C in keyof typeof fakeCapabilities]: (typeof fakeCapabilities)[C] extends true ? C : never;
}[keyof typeof fakeCapabilities];

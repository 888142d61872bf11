import { capabilityMethods, type Capability, type DriverMethodName, type DriverMethods } from '../driver/index.js';

/**
 * - `read`: changes nothing, waits for nobody.
 * - `change`: changes one instance.
 * - `force`: changes one instance and may overtake what hangs.
 * - `read-host`: the same, about the host.
 * - `host`: changes something of the host that belongs to no single instance.
 */
type DriverAccess = 'read' | 'change' | 'force' | 'read-host' | 'host';

export interface DriverCallRow {
  readonly access: DriverAccess;
  /** When the call is aborted, in milliseconds. */
  readonly timeoutMs: number;
  /** Where the options stand among the arguments, from 0. */
  readonly optionsAt: number;
}

/** The place of the last parameter: a wrong number in the table does not compile. */
type OptionsAt<Method> = Method extends (...args: infer Args) => unknown
  ? Required<Args> extends readonly [...infer Before, unknown]
    ? Before['length']
    : never
  : never;

const second = 1_000;
const minute = 60 * second;

/** Answers of a healthy hypervisor take milliseconds; one that takes this long is not going to answer. */
const readMs = 30 * second;
/** Longer than the slowest honest start seen: 60 s where libvirt probes QEMU anew (reference, libvirt-rpc §7). */
const changeMs = 3 * minute;
/** Image copies, saved memory and `vif_plugging_timeout` (Nova: 300 s) fit in. */
const longMs = 30 * minute;
/** A move of a large, busy guest; Nova's `live_migration_completion_timeout` is 800 s per GiB. */
const moveMs = 24 * 60 * minute;

/** Every call to a driver: whether it changes something, how long it may take, where its options stand. */
export const driverCalls: {
  readonly [M in DriverMethodName]: DriverCallRow & { readonly optionsAt: OptionsAt<DriverMethods[M]> };
} = {
  initHost: { access: 'host', timeoutMs: changeMs, optionsAt: 0 },
  spawn: { access: 'change', timeoutMs: longMs, optionsAt: 1 },
  destroy: { access: 'force', timeoutMs: changeMs, optionsAt: 1 },
  getInfo: { access: 'read', timeoutMs: readMs, optionsAt: 1 },
  inspect: { access: 'read', timeoutMs: readMs, optionsAt: 1 },
  listInstanceUuids: { access: 'read-host', timeoutMs: readMs, optionsAt: 0 },
  powerOn: { access: 'change', timeoutMs: changeMs, optionsAt: 1 },
  powerOff: { access: 'force', timeoutMs: changeMs, optionsAt: 1 },
  pause: { access: 'change', timeoutMs: changeMs, optionsAt: 1 },
  unpause: { access: 'change', timeoutMs: changeMs, optionsAt: 1 },
  suspend: { access: 'change', timeoutMs: longMs, optionsAt: 1 },
  resume: { access: 'change', timeoutMs: longMs, optionsAt: 1 },
  reboot: { access: 'change', timeoutMs: longMs, optionsAt: 2 },
  rescue: { access: 'change', timeoutMs: longMs, optionsAt: 2 },
  unrescue: { access: 'change', timeoutMs: changeMs, optionsAt: 1 },
  rebuild: { access: 'change', timeoutMs: longMs, optionsAt: 1 },
  softDelete: { access: 'change', timeoutMs: changeMs, optionsAt: 1 },
  restore: { access: 'change', timeoutMs: changeMs, optionsAt: 1 },
  snapshot: { access: 'change', timeoutMs: moveMs, optionsAt: 2 },
  migrateDiskAndPowerOff: { access: 'change', timeoutMs: moveMs, optionsAt: 2 },
  finishMigration: { access: 'change', timeoutMs: longMs, optionsAt: 2 },
  confirmMigration: { access: 'change', timeoutMs: changeMs, optionsAt: 1 },
  finishRevertMigration: { access: 'change', timeoutMs: longMs, optionsAt: 1 },
  checkCanLiveMigrateDestination: { access: 'change', timeoutMs: changeMs, optionsAt: 2 },
  checkCanLiveMigrateSource: { access: 'change', timeoutMs: changeMs, optionsAt: 2 },
  cleanupLiveMigrationDestinationCheck: { access: 'change', timeoutMs: changeMs, optionsAt: 2 },
  preLiveMigration: { access: 'change', timeoutMs: longMs, optionsAt: 2 },
  liveMigration: { access: 'change', timeoutMs: moveMs, optionsAt: 2 },
  postLiveMigrationAtSource: { access: 'change', timeoutMs: changeMs, optionsAt: 2 },
  postLiveMigrationAtDestination: { access: 'change', timeoutMs: changeMs, optionsAt: 2 },
  rollbackLiveMigrationAtSource: { access: 'change', timeoutMs: changeMs, optionsAt: 2 },
  rollbackLiveMigrationAtDestination: { access: 'change', timeoutMs: changeMs, optionsAt: 2 },
  liveMigrationAbort: { access: 'force', timeoutMs: changeMs, optionsAt: 1 },
  liveMigrationForceComplete: { access: 'force', timeoutMs: changeMs, optionsAt: 1 },
  instanceOnDisk: { access: 'read', timeoutMs: readMs, optionsAt: 1 },
  attachVolume: { access: 'change', timeoutMs: changeMs, optionsAt: 2 },
  detachVolume: { access: 'change', timeoutMs: longMs, optionsAt: 2 },
  getVolumeConnector: { access: 'read-host', timeoutMs: readMs, optionsAt: 0 },
  swapVolume: { access: 'change', timeoutMs: moveMs, optionsAt: 3 },
  extendVolume: { access: 'change', timeoutMs: changeMs, optionsAt: 3 },
  volumeSnapshotCreate: { access: 'change', timeoutMs: longMs, optionsAt: 3 },
  volumeSnapshotDelete: { access: 'change', timeoutMs: longMs, optionsAt: 3 },
  blockStats: { access: 'read', timeoutMs: readMs, optionsAt: 2 },
  mountShare: { access: 'change', timeoutMs: changeMs, optionsAt: 2 },
  umountShare: { access: 'change', timeoutMs: changeMs, optionsAt: 2 },
  attachInterface: { access: 'change', timeoutMs: changeMs, optionsAt: 2 },
  detachInterface: { access: 'change', timeoutMs: longMs, optionsAt: 2 },
  plugVifs: { access: 'change', timeoutMs: changeMs, optionsAt: 1 },
  unplugVifs: { access: 'change', timeoutMs: changeMs, optionsAt: 1 },
  injectNetworkInfo: { access: 'change', timeoutMs: changeMs, optionsAt: 1 },
  getConsoleOutput: { access: 'read', timeoutMs: readMs, optionsAt: 1 },
  getVncConsole: { access: 'read', timeoutMs: readMs, optionsAt: 1 },
  getSpiceConsole: { access: 'read', timeoutMs: readMs, optionsAt: 1 },
  getSerialConsole: { access: 'read', timeoutMs: readMs, optionsAt: 1 },
  getMksConsole: { access: 'read', timeoutMs: readMs, optionsAt: 1 },
  setAdminPassword: { access: 'change', timeoutMs: changeMs, optionsAt: 2 },
  quiesce: { access: 'change', timeoutMs: changeMs, optionsAt: 1 },
  unquiesce: { access: 'change', timeoutMs: changeMs, optionsAt: 1 },
  triggerCrashDump: { access: 'change', timeoutMs: changeMs, optionsAt: 1 },
  getDiagnostics: { access: 'read', timeoutMs: readMs, optionsAt: 1 },
  cacheImage: { access: 'host', timeoutMs: longMs, optionsAt: 1 },
  manageImageCache: { access: 'host', timeoutMs: longMs, optionsAt: 1 },
  getAvailableResource: { access: 'read-host', timeoutMs: readMs, optionsAt: 0 },
  getHostUptimeMs: { access: 'read-host', timeoutMs: readMs, optionsAt: 0 },
  getHostCpuStats: { access: 'read-host', timeoutMs: readMs, optionsAt: 0 },
  hostPowerAction: { access: 'host', timeoutMs: changeMs, optionsAt: 1 },
  setHostMode: { access: 'host', timeoutMs: changeMs, optionsAt: 1 },
  resumeStateOnHostBoot: { access: 'change', timeoutMs: longMs, optionsAt: 1 },
  deleteInstanceFiles: { access: 'change', timeoutMs: changeMs, optionsAt: 1 },
  powerUpdateEvent: { access: 'change', timeoutMs: changeMs, optionsAt: 2 },
};

const capabilityByMethod: ReadonlyMap<string, Capability> = new Map(
  (Object.keys(capabilityMethods) as Capability[]).flatMap((capability) =>
    Object.keys(capabilityMethods[capability]).map((method) => [method, capability] as const),
  ),
);

/** Which ability a method belongs to; `undefined` for what every driver has. */
export function capabilityOf(method: DriverMethodName): Capability | undefined {
  return capabilityByMethod.get(method);
}

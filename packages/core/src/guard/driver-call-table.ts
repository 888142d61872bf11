import { capabilityMethods, type Capability, type DriverMethodName } from '../driver/index.js';

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
}

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

/** Every call to a driver: whether it changes something, and how long it may take. */
export const driverCalls: { readonly [M in DriverMethodName]: DriverCallRow } = {
  initHost: { access: 'host', timeoutMs: changeMs },
  spawn: { access: 'change', timeoutMs: longMs },
  destroy: { access: 'force', timeoutMs: changeMs },
  getInfo: { access: 'read', timeoutMs: readMs },
  inspect: { access: 'read', timeoutMs: readMs },
  listInstanceUuids: { access: 'read-host', timeoutMs: readMs },
  powerOn: { access: 'change', timeoutMs: changeMs },
  powerOff: { access: 'force', timeoutMs: changeMs },
  pause: { access: 'change', timeoutMs: changeMs },
  unpause: { access: 'change', timeoutMs: changeMs },
  suspend: { access: 'change', timeoutMs: longMs },
  resume: { access: 'change', timeoutMs: longMs },
  reboot: { access: 'change', timeoutMs: longMs },
  rescue: { access: 'change', timeoutMs: longMs },
  unrescue: { access: 'change', timeoutMs: changeMs },
  rebuild: { access: 'change', timeoutMs: longMs },
  softDelete: { access: 'change', timeoutMs: changeMs },
  restore: { access: 'change', timeoutMs: changeMs },
  snapshot: { access: 'change', timeoutMs: moveMs },
  migrateDiskAndPowerOff: { access: 'change', timeoutMs: moveMs },
  finishMigration: { access: 'change', timeoutMs: longMs },
  confirmMigration: { access: 'change', timeoutMs: changeMs },
  finishRevertMigration: { access: 'change', timeoutMs: longMs },
  checkCanLiveMigrateDestination: { access: 'change', timeoutMs: changeMs },
  checkCanLiveMigrateSource: { access: 'change', timeoutMs: changeMs },
  cleanupLiveMigrationDestinationCheck: { access: 'change', timeoutMs: changeMs },
  preLiveMigration: { access: 'change', timeoutMs: longMs },
  liveMigration: { access: 'change', timeoutMs: moveMs },
  postLiveMigrationAtSource: { access: 'change', timeoutMs: changeMs },
  postLiveMigrationAtDestination: { access: 'change', timeoutMs: changeMs },
  rollbackLiveMigrationAtSource: { access: 'change', timeoutMs: changeMs },
  rollbackLiveMigrationAtDestination: { access: 'change', timeoutMs: changeMs },
  liveMigrationAbort: { access: 'force', timeoutMs: changeMs },
  liveMigrationForceComplete: { access: 'force', timeoutMs: changeMs },
  instanceOnDisk: { access: 'read', timeoutMs: readMs },
  attachVolume: { access: 'change', timeoutMs: changeMs },
  detachVolume: { access: 'change', timeoutMs: longMs },
  getVolumeConnector: { access: 'read-host', timeoutMs: readMs },
  swapVolume: { access: 'change', timeoutMs: moveMs },
  extendVolume: { access: 'change', timeoutMs: changeMs },
  volumeSnapshotCreate: { access: 'change', timeoutMs: longMs },
  volumeSnapshotDelete: { access: 'change', timeoutMs: longMs },
  blockStats: { access: 'read', timeoutMs: readMs },
  mountShare: { access: 'change', timeoutMs: changeMs },
  umountShare: { access: 'change', timeoutMs: changeMs },
  attachInterface: { access: 'change', timeoutMs: changeMs },
  detachInterface: { access: 'change', timeoutMs: longMs },
  plugVifs: { access: 'change', timeoutMs: changeMs },
  unplugVifs: { access: 'change', timeoutMs: changeMs },
  injectNetworkInfo: { access: 'change', timeoutMs: changeMs },
  getConsoleOutput: { access: 'read', timeoutMs: readMs },
  getVncConsole: { access: 'read', timeoutMs: readMs },
  getSpiceConsole: { access: 'read', timeoutMs: readMs },
  getSerialConsole: { access: 'read', timeoutMs: readMs },
  getMksConsole: { access: 'read', timeoutMs: readMs },
  setAdminPassword: { access: 'change', timeoutMs: changeMs },
  quiesce: { access: 'change', timeoutMs: changeMs },
  unquiesce: { access: 'change', timeoutMs: changeMs },
  triggerCrashDump: { access: 'change', timeoutMs: changeMs },
  getDiagnostics: { access: 'read', timeoutMs: readMs },
  cacheImage: { access: 'host', timeoutMs: longMs },
  manageImageCache: { access: 'host', timeoutMs: longMs },
  getAvailableResource: { access: 'read-host', timeoutMs: readMs },
  getHostUptimeMs: { access: 'read-host', timeoutMs: readMs },
  getHostCpuStats: { access: 'read-host', timeoutMs: readMs },
  hostPowerAction: { access: 'host', timeoutMs: changeMs },
  setHostMode: { access: 'host', timeoutMs: changeMs },
  resumeStateOnHostBoot: { access: 'change', timeoutMs: longMs },
  deleteInstanceFiles: { access: 'change', timeoutMs: changeMs },
  powerUpdateEvent: { access: 'change', timeoutMs: changeMs },
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

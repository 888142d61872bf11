import type { DriverMethodName, GuestName, InstanceSpec, RequestOf } from '../driver/index.js';

/** How a request says which guest it is about. */
type NamedBy<Request> = Request extends { readonly instance: InstanceSpec }
  ? 'spec'
  : Request extends { readonly instance: GuestName }
    ? 'name'
    : Request extends { readonly instanceUuid: string }
      ? 'uuid'
      : 'host';

/**
 * What a call makes of a guest of another generation, as the contract has it of an absent one:
 * - `missing`: `INSTANCE_NOT_FOUND`;
 * - `success`: it resolves and the driver is not asked;
 * - `taken`: it would make the guest where another is, `INSTANCE_EXISTS`;
 * - `driver`: the driver compares by itself;
 * - `host`: it is about no guest.
 */
type OfAnother = 'missing' | 'success' | 'taken' | 'driver' | 'host';

export interface GuestCallRow {
  readonly namedBy: 'spec' | 'name' | 'uuid' | 'host';
  readonly ofAnother: OfAnother;
  /** Afterwards the guest is there, of the generation of its spec. */
  readonly makes?: true;
  /** Afterwards the guest may be gone from this host. */
  readonly leaves?: true;
}

const about = {
  host: { namedBy: 'host', ofAnother: 'host' },
  guest: { namedBy: 'name', ofAnother: 'missing' },
  spec: { namedBy: 'spec', ofAnother: 'missing' },
  made: { namedBy: 'spec', ofAnother: 'taken', makes: true },
  readied: { namedBy: 'spec', ofAnother: 'taken' },
} as const;

/** Every method of the contract: how it names its guest, and what it is to another one of that uuid. */
export const guestCalls: {
  readonly [M in DriverMethodName]: GuestCallRow & { readonly namedBy: NamedBy<RequestOf<M>> };
} = {
  initHost: about.host,
  spawn: { namedBy: 'spec', ofAnother: 'driver', makes: true },
  destroy: { namedBy: 'name', ofAnother: 'driver', leaves: true },
  getInfo: about.guest,
  inspect: { namedBy: 'uuid', ofAnother: 'driver' },
  listInstanceUuids: about.host,
  powerOn: about.made,
  powerOff: { namedBy: 'name', ofAnother: 'success' },
  pause: about.guest,
  unpause: about.guest,
  suspend: about.guest,
  resume: about.spec,
  reboot: about.made,
  rescue: about.spec,
  unrescue: about.spec,
  rebuild: about.spec,
  softDelete: about.guest,
  restore: about.spec,
  snapshot: about.guest,
  migrateDiskAndPowerOff: { namedBy: 'spec', ofAnother: 'missing', leaves: true },
  finishMigration: about.made,
  confirmMigration: { namedBy: 'name', ofAnother: 'success', leaves: true },
  finishRevertMigration: about.made,
  checkCanLiveMigrateDestination: about.readied,
  checkCanLiveMigrateSource: about.spec,
  cleanupLiveMigrationDestinationCheck: { namedBy: 'name', ofAnother: 'success' },
  preLiveMigration: about.readied,
  liveMigration: { namedBy: 'spec', ofAnother: 'missing', leaves: true },
  postLiveMigrationAtSource: { namedBy: 'spec', ofAnother: 'success', leaves: true },
  postLiveMigrationAtDestination: about.spec,
  rollbackLiveMigrationAtSource: { namedBy: 'spec', ofAnother: 'success', leaves: true },
  rollbackLiveMigrationAtDestination: { namedBy: 'spec', ofAnother: 'success', leaves: true },
  liveMigrationAbort: about.guest,
  liveMigrationForceComplete: about.guest,
  instanceOnDisk: { namedBy: 'name', ofAnother: 'taken' },
  attachVolume: about.spec,
  detachVolume: about.spec,
  getVolumeConnector: about.host,
  swapVolume: about.spec,
  extendVolume: about.spec,
  volumeSnapshotCreate: about.spec,
  volumeSnapshotDelete: about.spec,
  blockStats: about.guest,
  mountShare: about.spec,
  umountShare: about.spec,
  attachInterface: about.spec,
  detachInterface: about.spec,
  plugVifs: about.spec,
  unplugVifs: about.spec,
  injectNetworkInfo: about.spec,
  getConsoleOutput: about.guest,
  getVncConsole: about.guest,
  getSpiceConsole: about.guest,
  getSerialConsole: about.guest,
  getMksConsole: about.guest,
  setAdminPassword: about.guest,
  quiesce: about.guest,
  unquiesce: about.guest,
  triggerCrashDump: about.guest,
  getDiagnostics: about.guest,
  cacheImage: about.host,
  manageImageCache: about.host,
  getAvailableResource: about.host,
  getHostUptimeMs: about.host,
  getHostCpuStats: about.host,
  hostPowerAction: about.host,
  setHostMode: about.host,
  resumeStateOnHostBoot: about.made,
  deleteInstanceFiles: { namedBy: 'name', ofAnother: 'success', leaves: true },
  powerUpdateEvent: about.guest,
};

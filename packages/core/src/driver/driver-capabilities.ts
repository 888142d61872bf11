import type {
  ConsoleOutputAbility,
  MksConsoleAbility,
  SerialConsoleAbility,
  SpiceConsoleAbility,
  VncConsoleAbility,
} from './abilities/consoles.js';
import type { DiagnosticsAbility } from './abilities/diagnostics.js';
import type { EvacuateAbility } from './abilities/evacuate.js';
import type { AdminPasswordAbility, CrashDumpAbility, QuiesceAbility } from './abilities/guest-agent.js';
import type {
  HostCpuStatsAbility,
  HostMaintenanceAbility,
  HostPowerAbility,
  HostResourcesAbility,
  HostUptimeAbility,
  LingeringFilesAbility,
  PowerUpdateAbility,
  ResumeOnHostBootAbility,
} from './abilities/host.js';
import type { ImageCacheAbility } from './abilities/image-cache.js';
import type { InjectNetworkAbility, InterfaceAbility, VifAbility } from './abilities/interfaces.js';
import type {
  LiveMigrationAbility,
  LiveMigrationAbortAbility,
  LiveMigrationForceCompleteAbility,
} from './abilities/live-migration.js';
import type { PauseAbility } from './abilities/pause.js';
import type { PowerAbility } from './abilities/power.js';
import type { RebootAbility } from './abilities/reboot.js';
import type { RebuildAbility } from './abilities/rebuild.js';
import type { RescueAbility } from './abilities/rescue.js';
import type { ResizeAbility } from './abilities/resize.js';
import type { SnapshotAbility } from './abilities/snapshot.js';
import type { SoftDeleteAbility } from './abilities/soft-delete.js';
import type { SuspendAbility } from './abilities/suspend.js';
import type {
  BlockStatsAbility,
  ExtendVolumeAbility,
  ShareAbility,
  SwapVolumeAbility,
  VolumeAbility,
  VolumeSnapshotAbility,
} from './abilities/volumes.js';
import type { ComputeDriver } from './compute-driver.js';

/** Every optional ability by its name. */
export interface Abilities {
  power: PowerAbility;
  pause: PauseAbility;
  suspend: SuspendAbility;
  reboot: RebootAbility;
  rescue: RescueAbility;
  rebuild: RebuildAbility;
  softDelete: SoftDeleteAbility;
  snapshot: SnapshotAbility;
  resize: ResizeAbility;
  liveMigration: LiveMigrationAbility;
  liveMigrationAbort: LiveMigrationAbortAbility;
  liveMigrationForceComplete: LiveMigrationForceCompleteAbility;
  evacuate: EvacuateAbility;
  volumes: VolumeAbility;
  swapVolume: SwapVolumeAbility;
  extendVolume: ExtendVolumeAbility;
  volumeSnapshots: VolumeSnapshotAbility;
  blockStats: BlockStatsAbility;
  shares: ShareAbility;
  interfaces: InterfaceAbility;
  vifs: VifAbility;
  injectNetwork: InjectNetworkAbility;
  consoleOutput: ConsoleOutputAbility;
  vncConsole: VncConsoleAbility;
  spiceConsole: SpiceConsoleAbility;
  serialConsole: SerialConsoleAbility;
  mksConsole: MksConsoleAbility;
  adminPassword: AdminPasswordAbility;
  quiesce: QuiesceAbility;
  crashDump: CrashDumpAbility;
  diagnostics: DiagnosticsAbility;
  imageCache: ImageCacheAbility;
  hostResources: HostResourcesAbility;
  hostUptime: HostUptimeAbility;
  hostCpuStats: HostCpuStatsAbility;
  hostPower: HostPowerAbility;
  hostMaintenance: HostMaintenanceAbility;
  resumeOnHostBoot: ResumeOnHostBootAbility;
  lingeringFiles: LingeringFilesAbility;
  powerUpdate: PowerUpdateAbility;
}

export type Capability = keyof Abilities;

/** Methods of an ability, all of them: a name left out or misspelt does not compile. */
type MethodsOf<C extends Capability> = { readonly [Method in keyof Abilities[C]]-?: true };

/**
 * The one table of what drivers may be able to do. It guards calls, selects conformance tests, narrows types and is the
 * source of the support matrix.
 */
export const capabilityMethods: { readonly [C in Capability]: MethodsOf<C> } = {
  power: { powerOn: true, powerOff: true },
  pause: { pause: true, unpause: true },
  suspend: { suspend: true, resume: true },
  reboot: { reboot: true },
  rescue: { rescue: true, unrescue: true },
  rebuild: { rebuild: true },
  softDelete: { softDelete: true, restore: true },
  snapshot: { snapshot: true },
  resize: { migrateDiskAndPowerOff: true, finishMigration: true, confirmMigration: true, finishRevertMigration: true },
  liveMigration: {
    checkCanLiveMigrateDestination: true,
    checkCanLiveMigrateSource: true,
    cleanupLiveMigrationDestinationCheck: true,
    preLiveMigration: true,
    liveMigration: true,
    postLiveMigrationAtSource: true,
    postLiveMigrationAtDestination: true,
    rollbackLiveMigrationAtSource: true,
    rollbackLiveMigrationAtDestination: true,
  },
  liveMigrationAbort: { liveMigrationAbort: true },
  liveMigrationForceComplete: { liveMigrationForceComplete: true },
  evacuate: { instanceOnDisk: true },
  volumes: { attachVolume: true, detachVolume: true, getVolumeConnector: true },
  swapVolume: { swapVolume: true },
  extendVolume: { extendVolume: true },
  volumeSnapshots: { volumeSnapshotCreate: true, volumeSnapshotDelete: true },
  blockStats: { blockStats: true },
  shares: { mountShare: true, umountShare: true },
  interfaces: { attachInterface: true, detachInterface: true },
  vifs: { plugVifs: true, unplugVifs: true },
  injectNetwork: { injectNetworkInfo: true },
  consoleOutput: { getConsoleOutput: true },
  vncConsole: { getVncConsole: true },
  spiceConsole: { getSpiceConsole: true },
  serialConsole: { getSerialConsole: true },
  mksConsole: { getMksConsole: true },
  adminPassword: { setAdminPassword: true },
  quiesce: { quiesce: true, unquiesce: true },
  crashDump: { triggerCrashDump: true },
  diagnostics: { getDiagnostics: true },
  imageCache: { cacheImage: true, manageImageCache: true },
  hostResources: { getAvailableResource: true },
  hostUptime: { getHostUptimeMs: true },
  hostCpuStats: { getHostCpuStats: true },
  hostPower: { hostPowerAction: true },
  hostMaintenance: { setHostMode: true },
  resumeOnHostBoot: { resumeStateOnHostBoot: true },
  lingeringFiles: { deleteInstanceFiles: true },
  powerUpdate: { powerUpdateEvent: true },
};

/** Why an ability is absent. A tenant reads it when it is a {@link NotSupportedReason}; other words are for operators. */
export interface Unsupported {
  readonly unsupportedBecause: string;
}

/**
 * What a driver declares. `true`: it has the ability, with every method of it. Left out or with a reason: it has not, and
 * the manager refuses with `NOT_SUPPORTED` before anything is written.
 */
export type DriverCapabilities = { readonly [C in Capability]?: true | Unsupported };

type AllOf<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

/** A driver known to have some abilities: all of those named. */
export type DriverWith<C extends Capability> = ComputeDriver & AllOf<Abilities[C]>;

/** Whether the driver declares the ability; narrows its type. */
export function supports<C extends Capability>(driver: ComputeDriver, capability: C): driver is DriverWith<C>;
export function supports(driver: Pick<ComputeDriver, 'capabilities'>, capability: Capability): boolean;
export function supports(driver: Pick<ComputeDriver, 'capabilities'>, capability: Capability): boolean {
  return driver.capabilities[capability] === true;
}

/** Every `capability.method` that the driver declares and does not have. Empty for an honest driver. */
export function missingMethods(driver: ComputeDriver): readonly string[] {
  const methods = driver as unknown as Readonly<Record<string, unknown>>;
  return (Object.keys(capabilityMethods) as Capability[])
    .filter((capability) => supports(driver, capability))
    .flatMap((capability) => Object.keys(capabilityMethods[capability]).map((method) => [capability, method] as const))
    .filter(([, method]) => typeof methods[method] !== 'function')
    .map(([capability, method]) => `${capability}.${method}`);
}

import type { CallOptions } from '../driver/index.js';
import { imageToMake, type ImageToMake } from '../model/image-to-make.js';
import type { ActionParameters } from '../model/instance-action.js';
import type { Instance } from '../model/instance.js';
import type {
  BackupParameters,
  RebuildParameters,
  RescueParameters,
  SnapshotParameters,
} from '../model/operation-parameters.js';
import type { OperationName } from '../model/operation-table.js';
import { taskOwnerOf, type RequestContext } from '../model/request-context.js';
import type { ActionSecrets } from '../peers/host-calls.js';
import type { PowerOffOptions, QuiesceOptions } from './guest-options.js';
import type { BuildWish } from './belongings.js';
import type { ComputeManager, PowerOrigin } from './compute-manager.js';
import type { LiveMigrationWish, ResizeWish } from './move-operations.js';
import type { VolumeExtension, VolumeSnapshot, VolumeSwap } from './volume-operations.js';
import type { VolumeWish } from './volume-steps.js';

export interface PerformOptions extends CallOptions {
  readonly secrets?: ActionSecrets;
}

type Performer = (
  manager: ComputeManager,
  context: RequestContext,
  instance: Instance,
  parameters: ActionParameters,
  options: PerformOptions,
) => Promise<Instance>;

/** The manager's method for each operation. Parameters were checked when the request was accepted. */
const performers: Readonly<Record<OperationName, Performer>> = {
  build: (manager, context, instance, parameters, options) =>
    manager.buildAndRunInstance(context, instance, { ...(parameters as BuildWish), ...options }),
  terminate: (manager, context, instance, _, options) => manager.terminateInstance(context, instance, options),
  start: (manager, context, instance, parameters, options) =>
    manager.startInstance(context, instance, { ...(parameters as PowerOrigin), ...options }),
  stop: (manager, context, instance, parameters, options) =>
    manager.stopInstance(context, instance, { ...(parameters as PowerOffOptions), ...options }),
  softReboot: (manager, context, instance, _, options) => manager.rebootInstance(context, instance, 'SOFT', options),
  hardReboot: (manager, context, instance, _, options) => manager.rebootInstance(context, instance, 'HARD', options),
  pause: (manager, context, instance, _, options) => manager.pauseInstance(context, instance, options),
  unpause: (manager, context, instance, _, options) => manager.unpauseInstance(context, instance, options),
  suspend: (manager, context, instance, _, options) => manager.suspendInstance(context, instance, options),
  resume: (manager, context, instance, _, options) => manager.resumeInstance(context, instance, options),
  setAdminPassword: (manager, context, instance, _, { secrets, ...options }) =>
    manager.guest.setAdminPassword(context, instance, secrets?.password ?? 'forgotten', options),
  triggerCrashDump: (manager, context, instance, _, options) =>
    manager.guest.triggerCrashDump(context, instance, options),
  quiesce: (manager, context, instance, parameters, options) =>
    manager.guest.quiesceInstance(context, instance, { ...(parameters as QuiesceOptions), ...options }),
  softDelete: (manager, context, instance, _, options) =>
    manager.lifecycle.softDeleteInstance(context, instance, options),
  restore: (manager, context, instance, _, options) => manager.lifecycle.restoreInstance(context, instance, options),
  forceStop: (manager, context, instance, _, options) =>
    manager.lifecycle.forceStopInstance(context, instance, options),
  rescue: (manager, context, instance, parameters, { secrets, ...options }) => {
    const { password: given, ...rest } = parameters as RescueParameters;
    const password = secrets?.password ?? (given === 'given' ? ('forgotten' as const) : undefined);
    return manager.repair.rescueInstance(context, instance, { ...rest, ...(password && { password }), ...options });
  },
  unrescue: (manager, context, instance, _, options) => manager.repair.unrescueInstance(context, instance, options),
  rebuild: (manager, context, instance, parameters, options) =>
    manager.repair.rebuildInstance(context, instance, (parameters as RebuildParameters).imageId, options),
  snapshot: (manager, context, instance, parameters, options) => {
    const { name, properties, ...rest } = parameters as SnapshotParameters;
    const image = imageOfAction(context, { name, properties });
    return manager.images.snapshotInstance(context, instance, image, { ...rest, ...options });
  },
  backup: (manager, context, instance, parameters, options) => {
    const { name, properties, ...rest } = parameters as BackupParameters;
    const image = imageOfAction(context, { name, properties });
    return manager.images.backupInstance(context, instance, image, { ...rest, ...options });
  },
  shelve: (manager, context, instance, parameters, options) => {
    const image = imageOfAction(context, { name: `${instance.name.slice(0, 240)}-shelved`, properties: {} });
    return manager.images.shelveInstance(context, instance, image, { ...parameters, ...options });
  },
  shelveOffload: (manager, context, instance, _, options) =>
    manager.images.shelveOffloadInstance(context, instance, options),
  unshelve: (manager, context, instance, _, options) => manager.images.unshelveInstance(context, instance, options),
  unquiesce: (manager, context, instance, _, options) => manager.guest.unquiesceInstance(context, instance, options),
  attachVolume: (manager, context, instance, parameters, options) =>
    manager.volumes.attachVolume(context, instance, parameters as unknown as VolumeWish, options),
  detachVolume: (manager, context, instance, { volumeId }, options) =>
    manager.volumes.detachVolume(context, instance, volumeId as string, options),
  swapVolume: (manager, context, instance, parameters, options) =>
    manager.volumes.swapVolume(context, instance, parameters as unknown as VolumeSwap, options),
  extendVolume: (manager, context, instance, parameters, options) =>
    manager.volumes.extendVolume(context, instance, parameters as unknown as VolumeExtension, options),
  // The snapshot bears the action's own uuid, so that who does it again finds what was begun.
  volumeSnapshotCreate: (manager, context, instance, { volumeId }, options) =>
    manager.volumes.volumeSnapshotCreate(
      context,
      instance,
      { volumeId: volumeId as string, snapshotId: taskOwnerOf(context) },
      options,
    ),
  volumeSnapshotDelete: (manager, context, instance, parameters, options) =>
    manager.volumes.volumeSnapshotDelete(context, instance, parameters as unknown as VolumeSnapshot, options),
  attachInterface: (manager, context, instance, parameters, options) =>
    manager.interfaces.attachInterface(context, instance, parameters, options),
  detachInterface: (manager, context, instance, { interfaceId }, options) =>
    manager.interfaces.detachInterface(context, instance, interfaceId as string, options),
  injectNetworkInfo: (manager, context, instance, _, options) =>
    manager.interfaces.injectNetworkInfo(context, instance, options),
  resize: (manager, context, instance, parameters, options) =>
    manager.moves.resizeInstance(context, instance, parameters as unknown as ResizeWish, options),
  migrate: (manager, context, instance, { destinationHost }, options) =>
    manager.moves.migrateInstance(context, instance, destinationHost as string, options),
  confirmResize: (manager, context, instance, _, options) => manager.moves.confirmResize(context, instance, options),
  revertResize: (manager, context, instance, _, options) => manager.moves.revertResize(context, instance, options),
  liveMigrate: (manager, context, instance, parameters, options) =>
    manager.moves.liveMigrateInstance(context, instance, parameters as unknown as LiveMigrationWish, options),
  evacuate: (manager, context, instance, _, options) => manager.moves.evacuateInstance(context, instance, options),
};

/** An action makes at most one image, under its own uuid. */
function imageOfAction(
  { actionUuid }: RequestContext,
  fields: { readonly name: string; readonly properties: Readonly<Record<string, string>> },
): ImageToMake {
  return imageToMake({ ...fields, ...(actionUuid !== undefined && { id: actionUuid }) });
}

/** Calls the manager's method for an operation of the table. */
export function performOperation(
  manager: ComputeManager,
  name: OperationName,
  context: RequestContext,
  instance: Instance,
  parameters: ActionParameters,
  options: PerformOptions,
): Promise<Instance> {
  return performers[name](manager, context, instance, parameters, options);
}

import { isDeepStrictEqual } from 'node:util';
import { isComputeError, type InstanceSpec } from '../driver/index.js';
import { recordedDevice } from '../model/instance-block-device.js';
import type { InstanceTask } from '../runner/instance-task.js';
import type { FamilyParts } from './operation-family.js';

/**
 * What a driver is given whenever it may start a guest: the instance, with its volumes as their provider answers them now. Only so are the
 * passphrases of encrypted ones there, which no record keeps. Nothing of the guest has been touched yet when a volume cannot be connected.
 */
export async function guestToStart(
  task: InstanceTask,
  { moves, driver }: Pick<FamilyParts, 'moves' | 'driver'>,
  signal: AbortSignal,
): Promise<InstanceSpec> {
  const spec = await marked(task, driver, signal);
  if (spec.blockDevices.length === 0) return spec;
  const connected = await connectedAnew(spec, moves, signal);
  const blockDevices = connected.blockDevices.map(recordedDevice);
  if (!isDeepStrictEqual(blockDevices, spec.blockDevices)) await task.save({ blockDevices });
  return connected;
}

/**
 * A guest from before generations gets one with its next start. Its record says so when that has happened; an action's uuid is on record
 * already, so that the mark is known again when the process dies in between. A direct call has none, and leaves it to the next action.
 */
async function marked(task: InstanceTask, driver: FamilyParts['driver'], signal: AbortSignal): Promise<InstanceSpec> {
  const { spec, instance, context } = task;
  const { actionUuid } = context;
  if ((spec.generation ?? null) !== null || actionUuid === undefined) return spec;
  await driver.prepareMark(instance, actionUuid, { signal });
  task.mayMark(actionUuid);
  return { ...spec, generation: actionUuid };
}

/**
 * A volume that its provider connects to nobody for the moment, such as one whose snapshot is half merged, is still connected here: the guest
 * is given it where its record has it, so that a reboot repairs the rest.
 */
async function connectedAnew(
  spec: InstanceSpec,
  moves: FamilyParts['moves'],
  signal: AbortSignal,
): Promise<InstanceSpec> {
  try {
    return await moves.volumes.connect(spec, { signal });
  } catch (failure) {
    if (isComputeError(failure, 'VOLUME_UNAVAILABLE')) return spec;
    throw failure;
  }
}

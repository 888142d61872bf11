import { isDeepStrictEqual } from 'node:util';
import type { InstanceSpec } from '../driver/index.js';
import { withConnected } from '../moves/moved-devices.js';
import type { InstanceTask } from '../runner/instance-task.js';
import { mergeSnapshot } from '../runner/step-settlement.js';
import type { FamilyParts } from './operation-family.js';

/**
 * What a driver is given whenever it may start a guest: the instance, with its volumes as their provider answers them now. Only so are the
 * passphrases of encrypted ones there, which no record keeps, and only so can no guest start on a volume that is another's by now. A volume
 * that its provider does not connect keeps the guest from starting; nothing of the guest has been touched then.
 */
export async function guestToStart(
  task: InstanceTask,
  { moves, driver, providers }: Pick<FamilyParts, 'moves' | 'driver' | 'providers'>,
  signal: AbortSignal,
): Promise<InstanceSpec> {
  const spec = await marked(task, driver, signal);
  if (spec.blockDevices.length === 0) return spec;
  await endMerges(task, { driver, providers }, signal);
  const connected = await moves.volumes.connect(spec, { signal });
  const { blockDevices: before } = task.instance;
  const blockDevices = withConnected(before, connected.blockDevices);
  if (!isDeepStrictEqual(blockDevices, before)) await task.save({ blockDevices });
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
  await driver.prepareMark({ instance, generation: actionUuid }, { signal });
  task.mayMark(actionUuid);
  return { ...spec, generation: actionUuid };
}

/** A volume is connected to nobody while one of its snapshots is half merged; the merge is ended first. */
async function endMerges(
  task: InstanceTask,
  parts: Pick<FamilyParts, 'driver' | 'providers'>,
  signal: AbortSignal,
): Promise<void> {
  const { pendingRelease = [] } = task.instance;
  const merges = pendingRelease.filter((entry) => entry.kind === 'volume-snapshot');
  if (merges.length === 0) return;
  for (const merge of merges) await mergeSnapshot(task.instance, merge, parts, { signal });
  await task.save({ pendingRelease: pendingRelease.filter(({ kind }) => kind !== 'volume-snapshot') });
}

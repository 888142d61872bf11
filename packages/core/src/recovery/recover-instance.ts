import { ComputeError, isComputeError, type Clock, type DriverLog, type GuestInspection } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import { providerOptions } from '../guard/provider-options.js';
import type { Providers } from '../guard/providers.js';
import type { ActionStep } from '../model/action-step.js';
import type { ActionResult, InstanceAction } from '../model/instance-action.js';
import type { Instance, InstancePatch } from '../model/instance.js';
import { operationNames, operations, type OperationName } from '../model/operation-table.js';
import { requestContext, type RequestContext } from '../model/request-context.js';
import { tenantFailureOf } from '../recorders/tenant-failure.js';
import type { Records } from '../records/records.js';
import { goalOf, goalReached, vmStateAfterFailure } from '../runner/goal-state.js';
import { recordInvariants } from '../runner/record-invariants.js';
import { nothingSettled, openActions, settleSteps, type SettledSteps } from '../runner/settle-steps.js';
import type { StoreWrite } from '../store/store-write.js';
import { endInterrupted } from './end-interrupted.js';
import { isSpawnedAfterAll } from './spawned-after-all.js';
import { releaseUnrecorded } from './release-unrecorded.js';
import { settleBegunImage } from './settle-begun-image.js';
import { tidyAbsentGuest } from './tidy-absent-guest.js';
import { tidyStoppedGuest } from './tidy-stopped-guest.js';

export type InstanceRecovery = 'finished' | 'redone' | 'given-up' | 'set-aside';

/** One instance in the middle of an operation. */
export interface Interrupted {
  readonly name: OperationName;
  readonly instance: Instance;
  /** The record of what was asked; a direct call has none. */
  readonly action: InstanceAction | undefined;
  /** In the name of whoever asked, so that what is recorded now stands beside what was recorded before. */
  readonly context: RequestContext;
  /** Steps of which nobody could tell whether they are done. They stay with the action. Left out: none. */
  readonly openSteps?: readonly ActionStep[] | undefined;
}

/** What recovery cannot do by itself. */
export interface RecoveryWays {
  readonly clock: Clock;
  /** Has an operation done again, through the manager, for the action it was accepted as. Does not wait for its end. */
  readonly redo: (interrupted: Interrupted) => void;
  /** Settles an interrupted move; `undefined` when this is none that can be settled. */
  readonly settleMove: (interrupted: Interrupted) => Promise<InstanceRecovery | undefined>;
  /** Sets an instance aside until the driver tells what is true of it. */
  readonly setAside: (instanceUuid: string) => void;
}

export interface InstanceRecoveryOptions extends RecoveryWays {
  readonly host: string;
  readonly driver: GuestDriver;
  readonly records: Records;
  readonly providers: Providers;
  readonly log: DriverLog;
}

/**
 * Settles one instance whose operation was cut off. The driver is asked first, always: what is true decides, then the policy
 * that stands beside the operation in its table. What was accepted and not begun is begun.
 */
export async function recoverInstance(instance: Instance, options: InstanceRecoveryOptions): Promise<InstanceRecovery> {
  const { driver, records, redo, settleMove } = options;
  const action = await actionOf(instance, records);
  const name = action?.operation ?? operationOf(instance);
  const interrupted = { name, instance, action, context: recoveryContext(instance, action) };
  if (action?.state === 'queued') {
    redo(interrupted);
    return 'redone';
  }
  const guest = await driver.inspect({ instance });
  const row = operations[name];

  const { recovery } = row;
  const isRepeatable = recovery === 'redo' || recovery === 'finish-or-redo';
  if (recovery === 'finish-or-give-up' && isSpawnedAfterAll(interrupted, guest)) {
    await finish(interrupted, guest, options);
    return 'finished';
  }
  // What it has preempted must be settled too: that is part of doing it again.
  const preempts = row.overTaskStates === 'any' && (await openActions(instance.uuid, records)).length > 0;
  if (recovery === 'finish-or-redo' && !preempts && goalReached(row, guest)) {
    await finish(interrupted, await tidyStoppedGuest(instance, guest, driver), options);
    return 'finished';
  }
  // What a direct call was given beside the instance is in no record.
  if (isRepeatable && (action || recovery === 'finish-or-redo')) {
    await closeEvents(interrupted, options);
    redo(interrupted);
    return 'redone';
  }
  const made = action && (await settleBegunImage(action, options.providers));
  if (made) {
    await finish(interrupted, guest, options, made);
    return 'finished';
  }
  const moved = recovery === 'settle-move' ? await settleMove(interrupted) : undefined;
  if (moved) return moved;
  const { patch: steps, left: openSteps } = await settleOwnSteps(interrupted, guest, options);
  const left = await tidyAbsentGuest(row, instance, await tidyStoppedGuest(instance, guest, driver), driver);
  const disk = await diskOnRecord(interrupted, left, options);
  await giveUp(
    { ...interrupted, openSteps: action && openSteps.get(action.uuid) },
    left,
    { ...disk, ...steps },
    options,
  );
  return 'given-up';
}

/** What is to be said of the steps of an action that is given up. What a build has got while its guest is there is the instance's. */
async function settleOwnSteps(
  { name, instance, action }: Interrupted,
  { guest }: GuestInspection,
  options: InstanceRecoveryOptions,
): Promise<SettledSteps> {
  if (name === 'build' && guest === 'present') return nothingSettled;
  if (name === 'build') await releaseUnrecorded(instance, options.providers);
  if (!action?.steps?.length) return nothingSettled;
  return await settleSteps(instance, [action], guest === 'absent' ? 'off' : 'as it was', options);
}

async function actionOf({ taskOwner }: Instance, records: Records): Promise<InstanceAction | undefined> {
  if (taskOwner === null) return undefined;
  try {
    return await records.store.getAction(taskOwner);
  } catch (failure) {
    if (isComputeError(failure, 'ACTION_NOT_FOUND')) return undefined;
    throw failure;
  }
}

/** Without an action the task state tells the operation: the first row that has it. */
function operationOf({ taskState }: Instance): OperationName {
  const found = operationNames.find((name) => taskState !== null && operations[name].taskStates.includes(taskState));
  if (!found) throw new TypeError(`no operation passes the task state ${String(taskState)}`);
  return found;
}

function recoveryContext(instance: Instance, action: InstanceAction | undefined): RequestContext {
  const { projectId, userId } = action ?? instance;
  const owner = action
    ? { actionUuid: action.uuid, requestId: action.requestId }
    : { requestId: instance.taskOwner ?? 'unknown' };
  return requestContext({ projectId, userId, role: 'service', ...owner });
}

/** Ends the steps that were cut off: the operation begins steps of its own when it is done again. */
async function closeEvents(
  { name, instance }: Interrupted,
  { records, clock }: InstanceRecoveryOptions,
): Promise<void> {
  const events = await records.store.listEvents(instance.taskOwner ?? '');
  const open = events.filter(({ finishedAtMs }) => finishedAtMs === null);
  const writes = open.map((event): StoreWrite => ({
    write: 'put-event',
    event: { ...event, finishedAtMs: clock.now(), result: 'Error', failure: tenantFailureOf(interruption(name)) },
  }));
  if (writes.length > 0) await records.commit(writes);
}

async function finish(
  interrupted: Interrupted,
  guest: GuestInspection,
  options: InstanceRecoveryOptions,
  result: ActionResult | null = null,
): Promise<void> {
  const { name, instance } = interrupted;
  const goal = goalOf(operations[name].goal, instance.vmState, guest.powerState);
  const deleted = goal.vmState === 'deleted' ? { terminatedAtMs: options.clock.now() } : {};
  const isFirstRun = instance.launchedAtMs === null && goal.powerState === 'RUNNING';
  const launched = isFirstRun ? { launchedAtMs: options.clock.now() } : {};
  const reached = { ...goal, ...launched, ...markSeen(instance, guest), ...deleted };
  const patch = recordInvariants(instance, reached, options.clock.now());
  await endInterrupted(interrupted, { outcome: { state: 'succeeded', result }, patch }, options);
}

async function giveUp(
  interrupted: Interrupted,
  guest: GuestInspection,
  found: InstancePatch,
  options: InstanceRecoveryOptions,
): Promise<void> {
  const { name, instance } = interrupted;
  const vmState = vmStateAfterFailure(operations[name], instance.vmState, guest);
  const { powerState } = guest;
  const left = { ...found, ...markSeen(instance, guest), vmState, powerState };
  const patch = recordInvariants(instance, left, options.clock.now());
  await endInterrupted(interrupted, { outcome: { state: 'failed', failure: interruption(name) }, patch }, options);
}

/** The image of the disk that a rebuild has left, when that is the new one. */
async function diskOnRecord(
  { name, instance, action }: Interrupted,
  { imageId }: GuestInspection,
  { providers }: InstanceRecoveryOptions,
): Promise<InstancePatch> {
  const wished = name === 'rebuild' ? action?.parameters['imageId'] : undefined;
  if (wished === undefined || imageId !== wished || imageId === instance.image.id) return {};
  return { image: await providers.images.getImage(imageId, { projectId: instance.projectId }, providerOptions()) };
}

/** The action that was cut off may have given a guest from before generations its own. */
function markSeen({ generation = null, taskOwner }: Instance, { generation: found }: GuestInspection): InstancePatch {
  return generation === null && typeof found === 'string' && found === taskOwner ? { generation: found } : {};
}

function interruption(name: OperationName): ComputeError {
  return new ComputeError('INTERRUPTED', { operation: operations[name].verb });
}

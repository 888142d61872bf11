import { ComputeError, isComputeError, type ComputeDriver, type Clock, type GuestInspection } from '../driver/index.js';
import type { InstanceAction } from '../model/instance-action.js';
import { operations, type Operation, type OperationName } from '../model/operation-table.js';
import { requestContext, type RequestContext } from '../model/request-context.js';
import type { Instance } from '../model/instance.js';
import { goalReached, vmStateAfterFailure } from '../manager/vm-state-after-failure.js';
import { lifecycleNotification } from '../manager/lifecycle-notification.js';
import type { Records } from '../records.js';
import { faultOf } from '../recorders/fault-recorder.js';
import { tenantFailureOf } from '../recorders/tenant-failure.js';
import type { StoreWrite } from '../store/store-write.js';

export type InstanceRecovery = 'finished' | 'redone' | 'given-up' | 'set-aside';

/** What recovery cannot do by itself. */
export interface RecoveryWays {
  readonly clock: Clock;
  /** Does an operation again, through the manager, for the action it was accepted as. Never rejects. */
  readonly redo: (
    name: OperationName,
    context: RequestContext,
    instance: Instance,
    action: InstanceAction | undefined,
  ) => Promise<'done' | 'failed'>;
  /** Sets an instance aside until the driver tells what is true of it. */
  readonly setAside: (instanceUuid: string) => void;
}

export interface InstanceRecoveryOptions extends RecoveryWays {
  readonly host: string;
  readonly driver: Pick<ComputeDriver, 'inspect'>;
  readonly records: Records;
}

/**
 * Settles one instance whose operation was cut off. The driver is asked first, always: what is true decides, then the policy
 * that stands beside the operation in its table.
 */
export async function recoverInstance(instance: Instance, options: InstanceRecoveryOptions): Promise<InstanceRecovery> {
  const { driver, records, redo } = options;
  const guest = await driver.inspect(instance.uuid);
  const action = await actionOf(instance, records);
  const name = action?.operation ?? operationOf(instance);
  const row = operations[name];
  const context = recoveryContext(instance, action);
  const interrupted = new ComputeError('INTERRUPTED', { operation: row.verb });
  await closeEvents(instance, interrupted, options);

  if (row.recovery === 'finish-or-redo') {
    if (goalReached(row, guest)) {
      await finish(instance, row, context, action, options);
      return 'finished';
    }
    await redo(name, context, instance, action);
    return 'redone';
  }
  await giveUp({ instance, row, context, action, guest, interrupted }, options);
  return 'given-up';
}

/** The record of what was asked. A direct call has none. */
async function actionOf({ taskOwner }: Instance, records: Records): Promise<InstanceAction | undefined> {
  if (taskOwner === null) return undefined;
  try {
    return await records.store.getAction(taskOwner);
  } catch (failure) {
    if (isComputeError(failure, 'ACTION_NOT_FOUND')) return undefined;
    throw failure;
  }
}

/** Without an action the task state tells the operation: each stands in one row of the table. */
function operationOf({ taskState }: Instance): OperationName {
  const names = Object.keys(operations) as OperationName[];
  const found = names.find((name) => taskState !== null && operations[name].taskStates.includes(taskState));
  if (!found) throw new TypeError(`no operation passes the task state ${String(taskState)}`);
  return found;
}

/** In the name of whoever asked, so that what is recorded now stands beside what was recorded before. */
function recoveryContext(instance: Instance, action: InstanceAction | undefined): RequestContext {
  const { projectId, userId } = action ?? instance;
  const owner = action
    ? { actionUuid: action.uuid, requestId: action.requestId }
    : { requestId: instance.taskOwner ?? 'unknown' };
  return requestContext({ projectId, userId, role: 'service', ...owner });
}

async function closeEvents(
  instance: Instance,
  interrupted: ComputeError,
  { records, clock }: InstanceRecoveryOptions,
): Promise<void> {
  const events = await records.store.listEvents(instance.taskOwner ?? '');
  const open = events.filter(({ finishedAtMs }) => finishedAtMs === null);
  const writes = open.map((event): StoreWrite => ({
    write: 'put-event',
    event: { ...event, finishedAtMs: clock.now(), result: 'Error', failure: tenantFailureOf(interrupted) },
  }));
  if (writes.length > 0) await records.commit(writes);
}

async function finish(
  instance: Instance,
  row: Operation,
  context: RequestContext,
  action: InstanceAction | undefined,
  { records, clock, host }: InstanceRecoveryOptions,
): Promise<void> {
  const { vmState, powerState } = row.goal;
  const deleted = vmState === 'deleted' ? { terminatedAtMs: clock.now() } : {};
  const patch = { vmState, powerState, taskState: null, taskOwner: null, ...deleted };
  const settled = { ...instance, ...patch };
  await records.commit([
    { write: 'update-instance', uuid: instance.uuid, patch, guard: { taskOwner: instance.taskOwner } },
    lifecycleNotification({ operation: row, phase: 'end', instance: settled, context, host, clock }),
    ...endOf(action, { state: 'succeeded', failure: null }, clock),
  ]);
}

interface Given {
  readonly instance: Instance;
  readonly row: Operation;
  readonly context: RequestContext;
  readonly action: InstanceAction | undefined;
  readonly guest: GuestInspection;
  readonly interrupted: ComputeError;
}

/** One commit: the true state, the fault, the end of the action and the notification of it. */
async function giveUp(
  { instance, row, context, action, guest, interrupted }: Given,
  options: InstanceRecoveryOptions,
): Promise<void> {
  const { records, clock, host } = options;
  const vmState = vmStateAfterFailure(row, instance.vmState, guest);
  const patch = { vmState, powerState: guest.powerState, taskState: null, taskOwner: null };
  const settled = { ...instance, ...patch };
  const fault = faultOf({ instance, context, failure: interrupted, host, occurredAtMs: clock.now() });
  await records.commit([
    { write: 'update-instance', uuid: instance.uuid, patch, guard: { taskOwner: instance.taskOwner } },
    { write: 'put-fault', fault },
    lifecycleNotification({
      operation: row,
      phase: 'error',
      instance: settled,
      context,
      host,
      clock,
      failure: interrupted,
    }),
    ...endOf(action, { state: 'failed', failure: tenantFailureOf(interrupted) }, clock),
  ]);
}

function endOf(
  action: InstanceAction | undefined,
  end: Pick<InstanceAction, 'state' | 'failure'>,
  clock: Clock,
): readonly StoreWrite[] {
  return action ? [{ write: 'put-action', action: { ...action, ...end, finishedAtMs: clock.now() } }] : [];
}

import { isComputeError, type Clock, type DriverLog } from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import { operations } from '../model/operation-table.js';
import type { RequestContext } from '../model/request-context.js';
import { endOfAction, isTerminalNotice, outcomeOfFailure } from '../recorders/end-of-action.js';
import type { ActionUnit } from '../records/action-unit.js';
import type { EndOfAction, Records } from '../records/records.js';
import { stepsListed } from '../runner/settle-steps.js';
import type { StoreWrite } from '../store/store-write.js';

export interface CarriedOut {
  readonly unit: ActionUnit;
  readonly context: RequestContext;
  /** As it was when the action was dispatched. */
  readonly instance: Instance;
  readonly host: string;
  readonly records: Records;
  readonly clock: Clock;
  readonly log: DriverLog;
}

/** More refusals than one action can meet: a claim whose answer was lost, and a hold that is another's. */
const REFUSAL_COUNT_MAX = 4;

/**
 * Writes what is left to write of an action whose work is over, in one commit: after a success mostly nothing, after a failure
 * the true state, the fault, the closed step, the cleared task state, the notifications and the action's end. Rejects when this process may
 * not write it any more: another one took the host or has ended the action.
 */
export async function endAction(failure: unknown, ended: CarriedOut): Promise<void> {
  const { unit, records } = ended;
  if (unit.isEnded) return await records.flush(unit);
  let { instance } = ended;
  for (let nth = 1; ; nth++) {
    const end = endOf(failure, { ...ended, instance });
    try {
      await records.commitEnd(unit, end);
      return;
    } catch (refusal) {
      if (nth >= REFUSAL_COUNT_MAX || isComputeError(refusal, 'SESSION_LOST')) throw refusal;
      if (isPreempted(refusal)) {
        unit.dropWrites(isOfState);
        instance = await latest(instance, records);
      } else if (isComputeError(refusal, 'UNEXPECTED_ACTION_STATE')) {
        await adoptLostClaim(ended, refusal);
      } else return await endBarely(end, refusal, ended);
    }
  }
}

function endOf(failure: unknown, { unit, context, instance, host, clock }: CarriedOut): EndOfAction {
  const { action, staged, openEvents, openSteps, result } = unit;
  const operation = operations[action.operation];
  const preempts = operation.overTaskStates === 'any' && !unit.hasTakenOver;
  // Where another action holds the instance by now, that one takes the steps over.
  const isHolder = staged.some(({ write }) => write === 'update-instance');
  if (failure !== undefined && preempts && isHolder) {
    const [patch, guard] = [stepsListed(instance, clock.now()), { taskOwner: action.uuid }];
    unit.stageFirst({ write: 'update-instance', uuid: instance.uuid, patch, guard });
  }
  return endOfAction({
    operation,
    action,
    context,
    outcome: failure === undefined ? { state: 'succeeded', result } : outcomeOfFailure(failure),
    instance,
    staged,
    openEvents,
    openSteps,
    host,
    nowMs: clock.now(),
  });
}

/** Whether another action holds the instance by now: what this one would say of its state is not true any more. */
function isPreempted(refusal: unknown): boolean {
  return (
    isComputeError(refusal, 'UNEXPECTED_TASK_STATE') ||
    isComputeError(refusal, 'INSTANCE_INVALID_STATE') ||
    isComputeError(refusal, 'INSTANCE_NOT_FOUND')
  );
}

function isOfState(write: StoreWrite): boolean {
  return write.write === 'update-instance' || isTerminalNotice(write);
}

async function latest(instance: Instance, records: Records): Promise<Instance> {
  try {
    return await records.store.getInstance(instance.uuid);
  } catch {
    return instance;
  }
}

/** If the reply to the claim was lost, the action is claimed and may be started. The record knows. */
async function adoptLostClaim({ unit, records }: CarriedOut, refusal: unknown): Promise<void> {
  const recorded = await records.store.getAction(unit.action.uuid);
  const isOurs = unit.isClaimOpen && recorded.state === 'running' && recorded.epoch === unit.action.epoch;
  if (!isOurs) throw refusal;
  unit.adopt(recorded);
}

/** A store that takes the states and not what belongs to them must not leave the instance busy for ever. */
async function endBarely(end: EndOfAction, refusal: unknown, { unit, records, log }: CarriedOut): Promise<void> {
  const lost = [...unit.staged, ...end.writes].map(({ write }) => write);
  log.error({ err: refusal, actionUuid: unit.action.uuid, lost }, 'records of an action refused by the store');
  await records.commitBareEnd(unit, end);
}

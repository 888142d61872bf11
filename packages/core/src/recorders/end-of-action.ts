import { isComputeError } from '../driver/index.js';
import type { ActionStep } from '../model/action-step.js';
import type {
  ActionPatch,
  ActionResult,
  ActionState,
  InstanceAction,
  InstanceActionEvent,
} from '../model/instance-action.js';
import type { Instance } from '../model/instance.js';
import type { Operation } from '../model/operations/operation.js';
import type { RequestContext } from '../model/request-context.js';
import type { EndOfAction } from '../records/records.js';
import type { StoreWrite } from '../store/store-write.js';
import { isCallersFault } from './callers-fault.js';
import { exceptionNotification } from './exception-notification.js';
import { faultOf } from './fault-recorder.js';
import { lifecycleNotification } from './lifecycle-notification.js';
import { tenantFailureOf } from './tenant-failure.js';

/** How an operation came to its end. */
export type Outcome =
  | { readonly state: 'succeeded'; readonly result: ActionResult | null }
  | { readonly state: Exclude<ActionState, 'queued' | 'running' | 'succeeded'>; readonly failure: unknown };

export interface EndedOperation {
  readonly operation: Operation;
  /** Its record; a direct call has none. */
  readonly action: InstanceAction | undefined;
  readonly context: RequestContext;
  readonly outcome: Outcome;
  /** As the end leaves it. */
  readonly instance: Instance;
  /** The states of the instance, and records that end with the operation. Without them another action holds the instance. */
  readonly writes?: readonly StoreWrite[];
  /** What the recorders of the operation have to write of it already. */
  readonly staged?: readonly StoreWrite[];
  readonly openEvents: readonly InstanceActionEvent[];
  /** Its steps of which nobody could tell yet whether they are done. Left out: none. */
  readonly openSteps?: readonly ActionStep[] | undefined;
  readonly host: string;
  readonly nowMs: number;
}

/**
 * All that is written when an operation ends, whichever way: by itself, cancelled, preempted, recovered, reset, or without having begun. One
 * fault and no open event for a failure, and one `compute.exception` unless its caller is at fault; and `.end` or `.error`, once, where the
 * world was told of a start.
 */
export function endOfAction(ended: EndedOperation): EndOfAction {
  const { operation, action, context, outcome, instance, writes = [], staged = [], openEvents, host, nowMs } = ended;
  const { openSteps = [] } = ended;
  const failure = outcome.state === 'succeeded' ? undefined : outcome.failure;
  const told = outcome.state === 'succeeded' ? null : tenantFailureOf(failure);
  const result = outcome.state === 'succeeded' ? outcome.result : null;
  // An end without the instance's states leaves the steps to the action that holds the instance now.
  const saysStates = [...staged, ...writes].some(({ write }) => write === 'update-instance');
  const isSettled = saysStates && (action?.steps?.length ?? 0) > 0;
  const end = { state: outcome.state, failure: told, finishedAtMs: nowMs, result };
  const patch: ActionPatch = { ...end, ...(isSettled && { steps: openSteps }) };
  const closed = openEvents.map((event): StoreWrite => ({
    write: 'put-event',
    event: { ...event, finishedAtMs: nowMs, result: told ? 'Error' : 'Success', failure: told },
  }));
  const fault = { instance, context, failure, host, occurredAtMs: nowMs };
  const notice = { operation, phase: told ? 'error' : 'end', instance, context, host, nowMs, failure } as const;
  const exception = { host, method: operation.action, args: [], failure, instanceUuid: instance.uuid };
  const isStarted = action === undefined || action.startedAtMs !== null;
  const isNewFailure = told !== null;
  return {
    patch,
    writes: [
      ...writes,
      ...closed,
      ...(isNewFailure && !staged.some(isFault) ? [{ write: 'put-fault', fault: faultOf(fault) } as const] : []),
      ...(isStarted && !staged.some(isTerminalNotice) ? [lifecycleNotification(notice)] : []),
      ...(isNewFailure && !isCallersFault(failure) && !staged.some(isException)
        ? [append(exceptionNotification({ ...exception, requestId: context.requestId, occurredAtMs: nowMs }))]
        : []),
      ...(action ? [endOfRecord(action, patch)] : []),
    ],
  };
}

/** How an operation that has failed came to its end. */
export function outcomeOfFailure(failure: unknown): Outcome {
  if (isComputeError(failure, 'OUTCOME_UNKNOWN')) return { state: 'unknown', failure };
  const isCancelled = isComputeError(failure, 'ABORTED') || isComputeError(failure, 'UNEXPECTED_TASK_STATE');
  return { state: isCancelled ? 'cancelled' : 'failed', failure };
}

/** Whether a write tells the world of the end of an operation, and of the instance's state then. */
export function isTerminalNotice(write: StoreWrite): boolean {
  return write.write === 'append-notification' && /^instance\..+\.(end|error)$/.test(write.notification.eventType);
}

function isFault({ write }: StoreWrite): boolean {
  return write === 'put-fault';
}

function isException(write: StoreWrite): boolean {
  return write.write === 'append-notification' && write.notification.eventType === 'compute.exception';
}

function append(notification: Extract<StoreWrite, { write: 'append-notification' }>['notification']): StoreWrite {
  return { write: 'append-notification', notification };
}

/** Whoever else works at the action has lost it by then, or has ended it. */
function endOfRecord({ uuid, state, epoch }: InstanceAction, patch: ActionPatch): StoreWrite {
  return { write: 'update-action', uuid, patch, guard: { state: [state], epoch } };
}

import type { TenantFailure } from '../driver/index.js';
import type { ActionStep } from './action-step.js';
import type { OperationName } from './operation-table.js';

/**
 * `queued` → `running` → one of the rest. `unknown`: it ended, and nobody could find out how; the instance is set aside until
 * somebody does.
 */
export const actionStates = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'unknown'] as const;

export type ActionState = (typeof actionStates)[number];

/**
 * One accepted request: the durable record of what was asked, by whom, who carries it out, and how it ended. It is written in
 * one transaction with the task state, before the request is answered, so that no accepted request is forgotten.
 */
export interface InstanceAction {
  readonly uuid: string;
  readonly instanceUuid: string;
  /** Nova's name of the action: `create`, `reboot`, `delete`. */
  readonly name: string;
  readonly operation: OperationName;
  /** What was asked beside the operation, such as a new flavor: plain data, enough to do it again. No secret stands here. */
  readonly parameters: ActionParameters;
  readonly requestId: string;
  readonly userId: string;
  readonly projectId: string;
  /** Given by the caller, so that a request that is sent twice is carried out once. Unique in its project. */
  readonly idempotencyKey: string | null;
  /** `urgent` ones overtake and cancel what runs for the instance. */
  readonly priority: 'normal' | 'urgent';
  readonly state: ActionState;
  /** The host whose manager carries it out. */
  readonly host: string;
  /** The session of that host's manager in which it was claimed; `null` until it is. */
  readonly epoch: number | null;
  readonly acceptedAtMs: number;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
  /** When it is cancelled with `DEADLINE_EXCEEDED`; `null`: never. Its driver calls have deadlines of their own. */
  readonly deadlineAtMs: number | null;
  /** When somebody asked for its end; `null`: nobody has. */
  readonly cancelRequestedAtMs: number | null;
  readonly progress: ActionProgress | null;
  /**
   * What it has asked of providers and records must know of, in order. Left out or empty: nothing, or its end has settled it. An action that
   * has ended with steps was preempted or killed, and the next holder of its instance settles them.
   */
  readonly steps?: readonly ActionStep[];
  /** What came of it beside the instance's state, such as the id of an image; `null` until it has succeeded. */
  readonly result: ActionResult | null;
  /** Why it did not succeed, as its tenant may read it. The operator reads the fault. */
  readonly failure: TenantFailure | null;
}

/** JSON values only: what is stored and read again is the same. */
export type PlainValue =
  string | number | boolean | null | readonly PlainValue[] | { readonly [key: string]: PlainValue };

export type ActionParameters = { readonly [name: string]: PlainValue };
export type ActionResult = { readonly [name: string]: PlainValue };

export interface ActionProgress {
  /** What it is doing: a task state, or a word of the driver's. */
  readonly phase: string;
  readonly doneMib: number;
  readonly totalMib: number;
  readonly atMs: number;
}

/** What a change of an action may name. What was asked, and by whom, is not among it. */
export type ActionPatch = Partial<
  Pick<
    InstanceAction,
    | 'state'
    | 'host'
    | 'epoch'
    | 'startedAtMs'
    | 'finishedAtMs'
    | 'cancelRequestedAtMs'
    | 'progress'
    | 'steps'
    | 'result'
    | 'failure'
  >
>;

/** Whether it has come to its end. */
export function isFinished({ state }: Pick<InstanceAction, 'state'>): boolean {
  return state !== 'queued' && state !== 'running';
}

/** An action as its tenant reads it: nothing of the host, and of what was asked only what the tenant is told anyway. */
export type TenantAction = Pick<
  InstanceAction,
  | 'uuid'
  | 'instanceUuid'
  | 'name'
  | 'operation'
  | 'requestId'
  | 'userId'
  | 'projectId'
  | 'idempotencyKey'
  | 'state'
  | 'acceptedAtMs'
  | 'startedAtMs'
  | 'finishedAtMs'
  | 'deadlineAtMs'
  | 'progress'
  | 'result'
  | 'failure'
>;

/** Every field is named: what is added to an action later is not shown to tenants by accident. */
export function tenantAction(action: InstanceAction): TenantAction {
  const { uuid, instanceUuid, name, operation, requestId, userId, projectId, idempotencyKey, state } = action;
  const { acceptedAtMs, startedAtMs, finishedAtMs, deadlineAtMs, progress, result, failure } = action;
  return {
    uuid,
    instanceUuid,
    name,
    operation,
    requestId,
    userId,
    projectId,
    idempotencyKey,
    state,
    acceptedAtMs,
    startedAtMs,
    finishedAtMs,
    deadlineAtMs,
    progress,
    result,
    failure,
  };
}

/** One step of the manager in an action. */
export interface InstanceActionEvent {
  readonly id: string;
  readonly actionUuid: string;
  readonly instanceUuid: string;
  /** `compute_reboot_instance` */
  readonly name: string;
  readonly startedAtMs: number;
  /** `null` while the step runs. */
  readonly finishedAtMs: number | null;
  readonly result: 'Success' | 'Error' | null;
  readonly failure: TenantFailure | null;
  /** For operators only. */
  readonly operator: { readonly host: string; readonly traceback: string | null };
}

import type { ConsoleToken } from '../model/console-token.js';
import type { ActionPatch, ActionState, InstanceAction, InstanceActionEvent } from '../model/instance-action.js';
import type { InstanceFault } from '../model/instance-fault.js';
import type { HostRecord } from '../model/host-record.js';
import type { Instance, InstancePatch } from '../model/instance.js';
import type { Migration } from '../model/migration.js';
import type { NewNotification } from '../model/notification.js';
import type { TaskState } from '../model/task-state.js';
import type { VmState } from '../model/vm-state.js';

/** What must be true of an instance for a change to happen. What is left out is not looked at. */
export interface InstanceGuard {
  /** One of these; `null` stands for idle. */
  readonly taskState?: readonly (TaskState | null)[];
  /** Exactly this one; `null` stands for nobody. */
  readonly taskOwner?: string | null;
  readonly vmState?: readonly VmState[];
  /** Exactly this one; `null` stands for none. */
  readonly host?: string | null;
  /** One of these. */
  readonly locked?: readonly Instance['locked'][];
}

/** What must be true of an action for a change to happen. What is left out is not looked at. */
export interface ActionGuard {
  readonly state?: readonly ActionState[];
  /** Exactly this one; `null` stands for unclaimed. */
  readonly epoch?: number | null;
}

/**
 * One change, or a condition of the whole unit.
 *
 * A record that is put again replaces the one of the same key; an action or a notification that is created or appended again is left
 * out, and an instance that is created again is refused. So a unit may be repeated as long as its guards hold. What an update
 * of an instance says of its time is the store's.
 */
export type StoreWrite =
  /** Changes nothing: the unit is refused with `SESSION_LOST` unless this is the host's present session. An expired one that nobody took over is. */
  | { readonly write: 'require-session'; readonly host: string; readonly epoch: number }
  /**
   * Changes nothing: the unit is refused with `HOST_TAKEN` while the host has a lease that lasts, and when its last session is another than this
   * one; `null`: it never had one. For what is done in the place of a dead host.
   */
  | { readonly write: 'require-no-session'; readonly host: string; readonly epoch: number | null }
  | { readonly write: 'create-instance'; readonly instance: Instance }
  | {
      readonly write: 'update-instance';
      readonly uuid: string;
      readonly patch: InstancePatch;
      readonly guard: InstanceGuard;
    }
  /** Refused with `IDEMPOTENCY_CONFLICT` when another action of the project has its idempotency key. */
  | { readonly write: 'create-action'; readonly action: InstanceAction }
  /** Refused with `UNEXPECTED_ACTION_STATE` too when it would be the second one of its instance to run; so is one that is created running. */
  | {
      readonly write: 'update-action';
      readonly uuid: string;
      readonly patch: ActionPatch;
      readonly guard: ActionGuard;
    }
  /** Ends an unfinished action whose record is damaged, as `failed`, so that its instance is free. Its text is kept. Any other is left alone. */
  | { readonly write: 'end-damaged-action'; readonly uuid: string }
  | { readonly write: 'put-host'; readonly host: HostRecord }
  | { readonly write: 'put-event'; readonly event: InstanceActionEvent }
  | { readonly write: 'put-fault'; readonly fault: InstanceFault }
  | { readonly write: 'put-migration'; readonly migration: Migration }
  | { readonly write: 'put-console-token'; readonly token: ConsoleToken }
  | { readonly write: 'append-notification'; readonly notification: NewNotification };

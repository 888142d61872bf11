import type { InstanceAction, InstanceActionEvent } from '../model/instance-action.js';
import type { InstanceFault } from '../model/instance-fault.js';
import type { Instance, InstancePatch } from '../model/instance.js';
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
}

/** One change. A record that is put again replaces the one of the same id, so that every write may be repeated. */
export type StoreWrite =
  | { readonly write: 'create-instance'; readonly instance: Instance }
  | {
      readonly write: 'update-instance';
      readonly uuid: string;
      readonly patch: InstancePatch;
      readonly guard: InstanceGuard;
    }
  | { readonly write: 'put-action'; readonly action: InstanceAction }
  | { readonly write: 'put-event'; readonly event: InstanceActionEvent }
  | { readonly write: 'put-fault'; readonly fault: InstanceFault }
  | { readonly write: 'append-notification'; readonly notification: NewNotification };

import type { CallOptions } from '../driver/index.js';
import type { InstanceAction, InstanceActionEvent } from '../model/instance-action.js';
import type { InstanceFault } from '../model/instance-fault.js';
import type { Instance } from '../model/instance.js';
import type { Notification } from '../model/notification.js';
import type { StoreWrite } from './store-write.js';

/**
 * Where the manager keeps its records.
 *
 * ## Rules for every method
 * - It rejects with a `ComputeError` (`STORE_UNAVAILABLE` when the store itself fails) and nothing else.
 * - What it answers is a frozen value, and what was true at one moment.
 * - A store answers a reader who asks after a commit has resolved with at least what that commit wrote.
 */
export interface ComputeStore {
  /**
   * Makes all of the changes, in order, or none. Resolves with the instances it changed, as they are now, by uuid.
   *
   * Repeating a unit is harmless: records replace their like, a notification of a known id is left out. A guarded update is
   * repeatable where its guard still holds; who repeats one after a lost answer reads first.
   *
   * @throws ComputeError `INSTANCE_EXISTS`, `INSTANCE_NOT_FOUND`, `UNEXPECTED_TASK_STATE` when the guard's task state or owner does not
   * hold, `INSTANCE_INVALID_STATE` when only its vm state does not
   */
  commit(writes: readonly StoreWrite[], options?: CallOptions): Promise<CommittedInstances>;

  /** @throws ComputeError `INSTANCE_NOT_FOUND`. Deleted instances are found. */
  getInstance(uuid: string, options?: CallOptions): Promise<Instance>;

  /** In the order of their uuids; without the deleted ones unless the query names their vm state. */
  listInstances(query: InstanceQuery, options?: CallOptions): Promise<readonly Instance[]>;

  /** @throws ComputeError `ACTION_NOT_FOUND` */
  getAction(uuid: string, options?: CallOptions): Promise<InstanceAction>;

  /** Newest first. */
  listActions(instanceUuid: string, options?: CallOptions): Promise<readonly InstanceAction[]>;

  /** Accepted and not finished, for instances of this host, oldest first. */
  listUnfinishedActions(host: string, options?: CallOptions): Promise<readonly InstanceAction[]>;

  /** In the order they started. */
  listEvents(actionUuid: string, options?: CallOptions): Promise<readonly InstanceActionEvent[]>;

  /** Newest first. */
  listFaults(instanceUuid: string, options?: CallOptions): Promise<readonly InstanceFault[]>;

  /** In the order of their sequence, those after `query.afterSequence`. */
  listNotifications(query: NotificationQuery, options?: CallOptions): Promise<readonly Notification[]>;

  /** Idempotent. */
  close(): Promise<void>;
}

export type CommittedInstances = ReadonlyMap<string, Instance>;

export interface InstanceQuery {
  readonly host?: string;
  readonly projectId?: string;
  /** Only those, deleted ones included when named. */
  readonly vmState?: readonly Instance['vmState'][];
  /** `'set'`: only those with a task state. */
  readonly taskState?: 'set';
}

export interface NotificationQuery {
  readonly afterSequence: number;
  readonly instanceUuid?: string;
  readonly requestId?: string;
  readonly countMax: number;
}

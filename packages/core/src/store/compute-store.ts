import type { CallOptions } from '../driver/index.js';
import type { ConsoleToken } from '../model/console-token.js';
import type { HostRecord } from '../model/host-record.js';
import type { HostSession } from '../model/host-session.js';
import type { InstanceAction, InstanceActionEvent } from '../model/instance-action.js';
import type { InstanceFault } from '../model/instance-fault.js';
import type { Instance } from '../model/instance.js';
import type { Migration, MigrationStatus } from '../model/migration.js';
import type { Notification } from '../model/notification.js';
import type { StoreWrite } from './store-write.js';

/**
 * Where the manager keeps its records.
 *
 * ## Rules for every method
 * - It rejects with a `ComputeError` (`STORE_UNAVAILABLE` when the store itself fails) and nothing else.
 * - What it answers is a frozen value, and what was true at one moment.
 * - A store answers a reader who asks after a commit has resolved with at least what that commit wrote. In a durable store it is
 *   on disk by then.
 * - Times in records are the writer's, but for those of an instance's updates; these and leases are by the store's own clock.
 * - No secret is given to a store, and none may be in what it keeps.
 * - One damaged record makes no other unreadable. A damaged notification keeps its place and its keys, as `store.record.damaged`.
 */
export interface ComputeStore {
  /**
   * Makes all of the changes, in order, or none. Resolves with the instances it changed, as they are now, by uuid.
   *
   * Repeating a unit is harmless. A guarded update is repeatable where its guard still holds; who repeats one after a lost answer
   * reads first.
   *
   * @throws ComputeError `SESSION_LOST`, `HOST_TAKEN`, `INSTANCE_EXISTS`, `INSTANCE_NOT_FOUND`, `UNEXPECTED_TASK_STATE` when the guard's task state,
   * owner or host does not hold, `INSTANCE_INVALID_STATE` when only its vm state does not, `INSTANCE_LOCKED` when its lock does not, `ACTION_NOT_FOUND`,
   * `UNEXPECTED_ACTION_STATE`, `IDEMPOTENCY_CONFLICT`
   */
  commit(writes: readonly StoreWrite[], options?: CallOptions): Promise<CommittedInstances>;

  /**
   * Makes the caller the one who looks after a host, with an epoch higher than every one before.
   * @throws ComputeError `HOST_TAKEN` while another holder's lease lasts, unless it is taken over at once
   */
  openSession(request: SessionRequest, options?: CallOptions): Promise<HostSession>;

  /** Lengthens a session's lease from now; one that has expired too, if nobody has taken the host over since. @throws ComputeError `SESSION_LOST` */
  renewSession(session: HostSession, leaseMs: number, options?: CallOptions): Promise<HostSession>;

  /** Ends a session's lease. Idempotent; one that was taken over is left alone. */
  closeSession(session: HostSession, options?: CallOptions): Promise<void>;

  /** The last session of a host, expired or not, and whether it lasts; `undefined` for a host that never had one. */
  getSession(host: string, options?: CallOptions): Promise<SessionSeen | undefined>;

  /** `undefined` for a host of which nothing was recorded. Its sessions are no part of it. */
  getHost(host: string, options?: CallOptions): Promise<HostRecord | undefined>;

  /** Every host of which something was recorded, by name. A record that cannot be read is left out. */
  listHosts(options?: CallOptions): Promise<readonly HostRecord[]>;

  /** @throws ComputeError `INSTANCE_NOT_FOUND`. Deleted instances are found. */
  getInstance(uuid: string, options?: CallOptions): Promise<Instance>;

  /** In the order of their uuids; without the deleted ones unless the query names their vm state. */
  listInstances(query: InstanceQuery, options?: CallOptions): Promise<readonly Instance[]>;

  /** @throws ComputeError `ACTION_NOT_FOUND` */
  getAction(uuid: string, options?: CallOptions): Promise<InstanceAction>;

  /** The action of a project that was asked for with this key. */
  findAction(key: IdempotencyKey, options?: CallOptions): Promise<InstanceAction | undefined>;

  /** Newest first. */
  listActions(instanceUuid: string, options?: CallOptions): Promise<readonly InstanceAction[]>;

  /** Queued or running for this host: urgent ones first, then in the order they were accepted. */
  listUnfinishedActions(host: string, options?: CallOptions): Promise<readonly InstanceAction[]>;

  /** In the order they started. */
  listEvents(actionUuid: string, options?: CallOptions): Promise<readonly InstanceActionEvent[]>;

  /** Newest first. */
  listFaults(instanceUuid: string, options?: CallOptions): Promise<readonly InstanceFault[]>;

  /** In the order of their sequence, those after `query.afterSequence`. */
  listNotifications(query: NotificationQuery, options?: CallOptions): Promise<readonly Notification[]>;

  /** @throws ComputeError `MIGRATION_NOT_FOUND` */
  getMigration(uuid: string, options?: CallOptions): Promise<Migration>;

  /** Newest first. */
  listMigrations(query: MigrationQuery, options?: CallOptions): Promise<readonly Migration[]>;

  /** An expired token is not found. */
  findConsoleToken(tokenHash: string, options?: CallOptions): Promise<ConsoleToken | undefined>;

  /**
   * The records that are there and cannot be read, of which a host must know: its instances, its unfinished actions, and its migrations.
   * No list has them; asked for by its uuid such a record is `RECORD_DAMAGED`, and so is a change of it.
   */
  listDamaged(host: string, options?: CallOptions): Promise<readonly DamagedRecord[]>;

  /** Waits for what is being committed. Idempotent; every other call rejects with `STORE_UNAVAILABLE` afterwards. */
  close(): Promise<void>;
}

export type CommittedInstances = ReadonlyMap<string, Instance>;

export interface SessionRequest {
  readonly host: string;
  /** A uuid of the process that asks. */
  readonly holder: string;
  /** How long the session lasts unless it is renewed, in milliseconds. */
  readonly leaseMs: number;
  /** `'at-once'`: by somebody who knows that no other process looks after the host, whatever its lease says. */
  readonly takeOver: 'when-expired' | 'at-once';
  /**
   * The epoch is no lower than this, whatever the store remembers. Hypervisors and providers refuse an epoch lower than one they have seen:
   * after the records were lost or restored, a count from 1 would be refused. Default 1.
   */
  readonly epochMin?: number;
}

export interface SessionSeen {
  readonly session: HostSession;
  readonly lease: 'lasting' | 'expired';
}

export interface IdempotencyKey {
  readonly projectId: string;
  readonly idempotencyKey: string;
}

/** A record that cannot be read: its text was cut, or is of another shape. */
export interface DamagedRecord {
  readonly record: 'instance' | 'action' | 'migration';
  readonly uuid: string;
  readonly instanceUuid: string;
}

export interface InstanceQuery {
  readonly host?: string;
  readonly projectId?: string;
  /** Only those, deleted ones included when named. */
  readonly vmState?: readonly Instance['vmState'][];
  /** `'set'`: only those with a task state. */
  readonly taskState?: 'set';
  /** `'some'`: only those that still have something to give back. */
  readonly pendingRelease?: 'some';
  /** Only those after this one, for reading page by page. */
  readonly afterUuid?: string;
  /** At most so many. Left out: all. */
  readonly countMax?: number;
}

export interface NotificationQuery {
  readonly afterSequence: number;
  readonly instanceUuid?: string;
  readonly requestId?: string;
  readonly countMax: number;
}

export interface MigrationQuery {
  readonly instanceUuid?: string;
  /** Those from or to this host. */
  readonly host?: string;
  readonly status?: readonly MigrationStatus[];
}

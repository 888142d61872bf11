import { ComputeError } from '../driver/index.js';
import type { ConsoleToken } from '../model/console-token.js';
import type { HostRecord } from '../model/host-record.js';
import type { HostSession } from '../model/host-session.js';
import type { InstanceAction, InstanceActionEvent } from '../model/instance-action.js';
import type { InstanceFault } from '../model/instance-fault.js';
import type { Instance } from '../model/instance.js';
import type { Migration } from '../model/migration.js';
import type { Notification } from '../model/notification.js';
import type {
  CommittedInstances,
  ComputeStore,
  DamagedRecord,
  IdempotencyKey,
  InstanceQuery,
  MigrationQuery,
  NotificationQuery,
  SessionRequest,
  SessionSeen,
} from '../store/compute-store.js';
import { checkStoreCall, type StoreCall } from '../store/check-store-call.js';
import type { StoreWrite } from '../store/store-write.js';
import { ActionTable } from './action-table.js';
import { Outbox } from './outbox.js';
import { SessionTable } from './session-table.js';
import { planUnit, type UnitPlan } from './unit-plan.js';

/**
 * A store in this process's memory: for tests, demonstrations and throw-away fleets. It keeps every rule of
 * {@link ComputeStore}; its records die with the process.
 */
export class MemoryStore implements ComputeStore {
  readonly #instances = new Map<string, Instance>();
  readonly #actions = new ActionTable();
  readonly #sessions: SessionTable;
  readonly #hosts = new Map<string, HostRecord>();
  readonly #eventsByAction = new Map<string, Map<string, InstanceActionEvent>>();
  readonly #faultsByInstance = new Map<string, Map<string, InstanceFault>>();
  readonly #migrations = new Map<string, Migration>();
  readonly #consoleTokens = new Map<string, ConsoleToken>();
  readonly #outbox = new Outbox();
  readonly #now: () => number;
  #isClosed = false;

  constructor({ now = Date.now }: { readonly now?: () => number } = {}) {
    this.#now = now;
    this.#sessions = new SessionTable({ now });
  }

  commit(writes: readonly StoreWrite[]): Promise<CommittedInstances> {
    return this.#open('commit', [writes], () => {
      const plan = this.#plan(writes);
      for (const instance of plan.instances.values()) this.#instances.set(instance.uuid, instance);
      for (const action of plan.actions.values()) this.#actions.put(action);
      for (const write of writes) this.#put(write);
      return plan.instances;
    });
  }

  openSession(request: SessionRequest): Promise<HostSession> {
    return this.#open('openSession', [request], () => this.#sessions.open(request));
  }

  renewSession(session: HostSession, leaseMs: number): Promise<HostSession> {
    return this.#open('renewSession', [session, leaseMs], () => this.#sessions.renew(session, leaseMs));
  }

  closeSession(session: HostSession): Promise<void> {
    return this.#open('closeSession', [session], () => this.#sessions.close(session));
  }

  getSession(host: string): Promise<SessionSeen | undefined> {
    return this.#open('getSession', [host], () => this.#sessions.see(host));
  }

  getHost(host: string): Promise<HostRecord | undefined> {
    return this.#open('getHost', [host], () => this.#hosts.get(host));
  }

  listHosts(): Promise<readonly HostRecord[]> {
    return this.#open('listHosts', [], () =>
      [...this.#hosts.values()].sort((one, other) => (one.host < other.host ? -1 : 1)),
    );
  }

  getInstance(uuid: string): Promise<Instance> {
    return this.#open('getInstance', [uuid], () => {
      const instance = this.#instances.get(uuid);
      if (!instance) throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid: uuid });
      return instance;
    });
  }

  listInstances(query: InstanceQuery): Promise<readonly Instance[]> {
    return this.#open('listInstances', [query], () => {
      const found = [...this.#instances.values()].filter((instance) => matches(instance, query));
      return found.sort((a, b) => (a.uuid < b.uuid ? -1 : 1)).slice(0, query.countMax);
    });
  }

  getAction(uuid: string): Promise<InstanceAction> {
    return this.#open('getAction', [uuid], () => {
      const action = this.#actions.get(uuid);
      if (!action) throw new ComputeError('ACTION_NOT_FOUND', { actionUuid: uuid });
      return action;
    });
  }

  findAction(key: IdempotencyKey): Promise<InstanceAction | undefined> {
    return this.#open('findAction', [key], () => this.#actions.ofKey(key.projectId, key.idempotencyKey));
  }

  listActions(instanceUuid: string): Promise<readonly InstanceAction[]> {
    return this.#open('listActions', [instanceUuid], () => this.#actions.of(instanceUuid));
  }

  listUnfinishedActions(host: string): Promise<readonly InstanceAction[]> {
    return this.#open('listUnfinishedActions', [host], () => this.#actions.unfinishedFor(host));
  }

  listEvents(actionUuid: string): Promise<readonly InstanceActionEvent[]> {
    return this.#open('listEvents', [actionUuid], () => [...(this.#eventsByAction.get(actionUuid)?.values() ?? [])]);
  }

  listFaults(instanceUuid: string): Promise<readonly InstanceFault[]> {
    return this.#open('listFaults', [instanceUuid], () =>
      [...(this.#faultsByInstance.get(instanceUuid)?.values() ?? [])].reverse(),
    );
  }

  listNotifications(query: NotificationQuery): Promise<readonly Notification[]> {
    return this.#open('listNotifications', [query], () => this.#outbox.list(query));
  }

  getMigration(uuid: string): Promise<Migration> {
    return this.#open('getMigration', [uuid], () => {
      const migration = this.#migrations.get(uuid);
      if (!migration) throw new ComputeError('MIGRATION_NOT_FOUND', { migrationUuid: uuid });
      return migration;
    });
  }

  listMigrations(query: MigrationQuery): Promise<readonly Migration[]> {
    return this.#open('listMigrations', [query], () => {
      const { instanceUuid, host, status } = query;
      return [...this.#migrations.values()]
        .reverse()
        .filter(
          (each) =>
            (instanceUuid === undefined || each.instanceUuid === instanceUuid) &&
            (host === undefined || each.sourceHost === host || each.destinationHost === host) &&
            (status === undefined || status.includes(each.status)),
        );
    });
  }

  findConsoleToken(tokenHash: string): Promise<ConsoleToken | undefined> {
    return this.#open('findConsoleToken', [tokenHash], () => {
      const token = this.#consoleTokens.get(tokenHash);
      return token && token.expiresAtMs > this.#now() ? token : undefined;
    });
  }

  /** Memory holds records, not texts of them: none can be damaged. */
  listDamaged(host: string): Promise<readonly DamagedRecord[]> {
    return this.#open('listDamaged', [host], () => []);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  /** Checks the arguments and works. A throw becomes a rejection, and the work is done before the caller goes on. */
  #open<Value>(method: StoreCall, values: readonly unknown[], work: () => Value): Promise<Value> {
    return new Promise((resolve) => {
      if (this.#isClosed) throw new ComputeError('STORE_UNAVAILABLE', {});
      checkStoreCall(method, ...values);
      resolve(work());
    });
  }

  #plan(writes: readonly StoreWrite[]): UnitPlan {
    return planUnit(writes, {
      nowMs: this.#now(),
      epochOf: (host) => this.#sessions.epochOf(host),
      session: (host) => this.#sessions.see(host),
      instance: (uuid) => this.#instances.get(uuid),
      action: (uuid) => this.#actions.get(uuid),
      actionOfKey: (projectId, key) => this.#actions.ofKey(projectId, key),
      runningActionOf: (instanceUuid) => this.#actions.runningOf(instanceUuid),
    });
  }

  /** What has no conditions. Instances and actions are planned. */
  #put(write: StoreWrite): void {
    switch (write.write) {
      case 'put-host':
        this.#hosts.set(write.host.host, Object.freeze(write.host));
        return;
      case 'put-event':
        within(this.#eventsByAction, write.event.actionUuid).set(write.event.id, Object.freeze(write.event));
        return;
      case 'put-fault':
        within(this.#faultsByInstance, write.fault.instanceUuid).set(write.fault.uuid, Object.freeze(write.fault));
        return;
      case 'put-migration':
        this.#migrations.set(write.migration.uuid, write.migration);
        return;
      case 'put-console-token':
        this.#putConsoleToken(write.token);
        return;
      case 'append-notification':
        this.#outbox.append(write.notification);
        return;
      default:
        return;
    }
  }

  #putConsoleToken(token: ConsoleToken): void {
    for (const { tokenHash, expiresAtMs } of this.#consoleTokens.values()) {
      if (expiresAtMs <= this.#now()) this.#consoleTokens.delete(tokenHash);
    }
    this.#consoleTokens.set(token.tokenHash, Object.freeze(token));
  }
}

function matches(
  instance: Instance,
  { host, projectId, vmState, taskState, pendingRelease, afterUuid }: InstanceQuery,
): boolean {
  return (
    (host === undefined || instance.host === host) &&
    (projectId === undefined || instance.projectId === projectId) &&
    (vmState === undefined ? instance.vmState !== 'deleted' : vmState.includes(instance.vmState)) &&
    (taskState === undefined || instance.taskState !== null) &&
    (pendingRelease === undefined || (instance.pendingRelease?.length ?? 0) > 0) &&
    (afterUuid === undefined || instance.uuid > afterUuid)
  );
}

function within<Value>(byKey: Map<string, Map<string, Value>>, key: string): Map<string, Value> {
  const known = byKey.get(key);
  if (known) return known;
  const fresh = new Map<string, Value>();
  byKey.set(key, fresh);
  return fresh;
}

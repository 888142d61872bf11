import { ComputeError } from './driver/index.js';
import type { InstanceAction, InstanceActionEvent } from './model/instance-action.js';
import type { InstanceFault } from './model/instance-fault.js';
import { nextInstance, type Instance } from './model/instance.js';
import type { NewNotification, Notification } from './model/notification.js';
import type { CommittedInstances, ComputeStore, InstanceQuery, NotificationQuery } from './store/compute-store.js';
import type { InstanceGuard, StoreWrite } from './store/store-write.js';

/**
 * A store in this process's memory: for tests, demonstrations and throw-away fleets. It keeps every rule of
 * {@link ComputeStore}; its records die with the process.
 */
export class MemoryStore implements ComputeStore {
  readonly #instances = new Map<string, Instance>();
  readonly #actions = new Map<string, InstanceAction>();
  readonly #unfinishedActionUuids = new Set<string>();
  readonly #actionUuidsByInstance = new Map<string, string[]>();
  readonly #eventsByAction = new Map<string, Map<string, InstanceActionEvent>>();
  readonly #faultsByInstance = new Map<string, Map<string, InstanceFault>>();
  readonly #notifications: Notification[] = [];
  readonly #notificationIds = new Set<string>();
  readonly #now: () => number;

  constructor({ now = Date.now }: { readonly now?: () => number } = {}) {
    this.#now = now;
  }

  // Not `async`: a throw must become a rejection, and the changes must be made before the caller goes on.
  commit(writes: readonly StoreWrite[]): Promise<CommittedInstances> {
    return new Promise((resolve) => {
      const changed = this.#plan(writes);
      for (const instance of changed.values()) this.#instances.set(instance.uuid, instance);
      for (const write of writes) this.#put(write);
      resolve(changed);
    });
  }

  getInstance(uuid: string): Promise<Instance> {
    const instance = this.#instances.get(uuid);
    return instance ? Promise.resolve(instance) : Promise.reject(notFound(uuid));
  }

  listInstances(query: InstanceQuery): Promise<readonly Instance[]> {
    const found = [...this.#instances.values()].filter((instance) => matches(instance, query));
    return Promise.resolve(found.sort((a, b) => (a.uuid < b.uuid ? -1 : 1)));
  }

  getAction(uuid: string): Promise<InstanceAction> {
    const action = this.#actions.get(uuid);
    return action
      ? Promise.resolve(action)
      : Promise.reject(new ComputeError('ACTION_NOT_FOUND', { actionUuid: uuid }));
  }

  listActions(instanceUuid: string): Promise<readonly InstanceAction[]> {
    const uuids = this.#actionUuidsByInstance.get(instanceUuid) ?? [];
    return Promise.resolve(uuids.flatMap((uuid) => this.#actions.get(uuid) ?? []).reverse());
  }

  listUnfinishedActions(host: string): Promise<readonly InstanceAction[]> {
    const unfinished = [...this.#unfinishedActionUuids].flatMap((uuid) => this.#actions.get(uuid) ?? []);
    return Promise.resolve(unfinished.filter(({ instanceUuid }) => this.#instances.get(instanceUuid)?.host === host));
  }

  listEvents(actionUuid: string): Promise<readonly InstanceActionEvent[]> {
    return Promise.resolve([...(this.#eventsByAction.get(actionUuid)?.values() ?? [])]);
  }

  listFaults(instanceUuid: string): Promise<readonly InstanceFault[]> {
    return Promise.resolve([...(this.#faultsByInstance.get(instanceUuid)?.values() ?? [])].reverse());
  }

  listNotifications(query: NotificationQuery): Promise<readonly Notification[]> {
    const { afterSequence, instanceUuid, requestId, countMax } = query;
    // Sequences start at 1 and have no gaps here, so the index of a notification is its sequence less one.
    const wanted = this.#notifications
      .slice(Math.max(0, afterSequence))
      .filter(
        (each) =>
          (instanceUuid === undefined || each.instanceUuid === instanceUuid) &&
          (requestId === undefined || each.requestId === requestId),
      );
    return Promise.resolve(wanted.slice(0, countMax));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** The instances as they will be. Throws before anything has changed. */
  #plan(writes: readonly StoreWrite[]): Map<string, Instance> {
    const changed = new Map<string, Instance>();
    for (const write of writes) {
      if (write.write === 'create-instance') {
        const { instance } = write;
        if (this.#instances.has(instance.uuid))
          throw new ComputeError('INSTANCE_EXISTS', { instanceUuid: instance.uuid });
        changed.set(instance.uuid, instance);
      } else if (write.write === 'update-instance') {
        const current = changed.get(write.uuid) ?? this.#instances.get(write.uuid);
        if (!current) throw notFound(write.uuid);
        checkGuard(current, write.guard);
        changed.set(write.uuid, nextInstance(current, write.patch, this.#now()));
      }
    }
    return changed;
  }

  #put(write: StoreWrite): void {
    switch (write.write) {
      case 'create-instance':
      case 'update-instance':
        return;
      case 'put-action':
        this.#putAction(Object.freeze(write.action));
        return;
      case 'put-event':
        within(this.#eventsByAction, write.event.actionUuid).set(write.event.id, Object.freeze(write.event));
        return;
      case 'put-fault':
        within(this.#faultsByInstance, write.fault.instanceUuid).set(write.fault.uuid, Object.freeze(write.fault));
        return;
      case 'append-notification':
        this.#append(write.notification);
        return;
    }
  }

  #putAction(action: InstanceAction): void {
    if (!this.#actions.has(action.uuid)) {
      const uuids = this.#actionUuidsByInstance.get(action.instanceUuid);
      if (uuids) uuids.push(action.uuid);
      else this.#actionUuidsByInstance.set(action.instanceUuid, [action.uuid]);
    }
    this.#actions.set(action.uuid, action);
    if (action.finishedAtMs === null) this.#unfinishedActionUuids.add(action.uuid);
    else this.#unfinishedActionUuids.delete(action.uuid);
  }

  #append(notification: NewNotification): void {
    if (this.#notificationIds.has(notification.id)) return;
    this.#notificationIds.add(notification.id);
    this.#notifications.push(Object.freeze({ ...notification, sequence: this.#notifications.length + 1 }));
  }
}

function notFound(instanceUuid: string): ComputeError {
  return new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid });
}

function checkGuard(instance: Instance, { taskState, taskOwner, vmState }: InstanceGuard): void {
  const instanceUuid = instance.uuid;
  const stateHolds = taskState === undefined || taskState.includes(instance.taskState);
  const ownerHolds = taskOwner === undefined || taskOwner === instance.taskOwner;
  if (!stateHolds || !ownerHolds) {
    throw new ComputeError('UNEXPECTED_TASK_STATE', {
      instanceUuid,
      expected: (taskState ?? [instance.taskState]).map((state) => state ?? 'none'),
      actual: stateHolds ? `${instance.taskState ?? 'none'}, held by another action` : (instance.taskState ?? 'none'),
    });
  }
  if (vmState !== undefined && !vmState.includes(instance.vmState)) {
    throw new ComputeError('INSTANCE_INVALID_STATE', {
      instanceUuid,
      operation: 'change',
      attribute: 'vm state',
      actual: instance.vmState,
      accepted: vmState,
    });
  }
}

function matches(instance: Instance, { host, projectId, vmState, taskState }: InstanceQuery): boolean {
  return (
    (host === undefined || instance.host === host) &&
    (projectId === undefined || instance.projectId === projectId) &&
    (vmState === undefined ? instance.vmState !== 'deleted' : vmState.includes(instance.vmState)) &&
    (taskState === undefined || instance.taskState !== null)
  );
}

function within<Value>(byKey: Map<string, Map<string, Value>>, key: string): Map<string, Value> {
  const known = byKey.get(key);
  if (known) return known;
  const fresh = new Map<string, Value>();
  byKey.set(key, fresh);
  return fresh;
}

import { ComputeError } from '../driver/index.js';
import type { InstanceAction } from '../model/instance-action.js';
import { nextInstance, type Instance } from '../model/instance.js';
import { checkActionGuard, checkInstanceGuard, checkNoSession } from '../store/check-guard.js';
import type { SessionSeen } from '../store/compute-store.js';
import type { StoreWrite } from '../store/store-write.js';

/** What a unit is planned on: the records as they are. */
export interface PresentRecords {
  readonly nowMs: number;
  readonly epochOf: (host: string) => number | undefined;
  readonly session: (host: string) => SessionSeen | undefined;
  readonly instance: (uuid: string) => Instance | undefined;
  readonly action: (uuid: string) => InstanceAction | undefined;
  readonly actionOfKey: (projectId: string, idempotencyKey: string) => InstanceAction | undefined;
  readonly runningActionOf: (instanceUuid: string) => InstanceAction | undefined;
}

/** The instances and actions of a unit as they will be. */
export interface UnitPlan {
  readonly instances: ReadonlyMap<string, Instance>;
  readonly actions: ReadonlyMap<string, InstanceAction>;
}

/** Works out what a unit changes and checks every condition of it, before anything is changed. */
export function planUnit(writes: readonly StoreWrite[], present: PresentRecords): UnitPlan {
  const instances = new Map<string, Instance>();
  const actions = new Map<string, InstanceAction>();

  const createInstance = (instance: Instance): void => {
    if (instances.has(instance.uuid) || present.instance(instance.uuid))
      throw new ComputeError('INSTANCE_EXISTS', { instanceUuid: instance.uuid });
    instances.set(instance.uuid, instance);
  };

  const updateInstance = ({ uuid, patch, guard }: Extract<StoreWrite, { write: 'update-instance' }>): void => {
    const current = instances.get(uuid) ?? present.instance(uuid);
    if (!current) throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid: uuid });
    checkInstanceGuard(current, guard);
    instances.set(uuid, nextInstance(current, patch, present.nowMs));
  };

  const createAction = (action: InstanceAction): void => {
    if (actions.has(action.uuid) || present.action(action.uuid)) return;
    refuseUsedKey(action);
    if (action.state === 'running') refuseSecond(action);
    actions.set(action.uuid, Object.freeze(action));
  };

  const updateAction = ({ uuid, patch, guard }: Extract<StoreWrite, { write: 'update-action' }>): void => {
    const current = actions.get(uuid) ?? present.action(uuid);
    if (!current) throw new ComputeError('ACTION_NOT_FOUND', { actionUuid: uuid });
    checkActionGuard(current, guard);
    const next: InstanceAction = Object.freeze({ ...current, ...patch });
    if (next.state === 'running') refuseSecond(next);
    actions.set(uuid, next);
  };

  const refuseUsedKey = ({ projectId, idempotencyKey }: InstanceAction): void => {
    if (idempotencyKey === null) return;
    const isPlanned = [...actions.values()].some(
      (each) => each.projectId === projectId && each.idempotencyKey === idempotencyKey,
    );
    if (isPlanned || present.actionOfKey(projectId, idempotencyKey)) {
      throw new ComputeError('IDEMPOTENCY_CONFLICT', { idempotencyKey });
    }
  };

  const refuseSecond = (action: InstanceAction): void => {
    const known = present.runningActionOf(action.instanceUuid);
    const planned = [...actions.values()].find((each) => runsBeside(each, action));
    const running = planned ?? (known && runsBeside(actions.get(known.uuid) ?? known, action) ? known : undefined);
    if (!running) return;
    const expected = ['the only action of its instance that runs'];
    throw new ComputeError('UNEXPECTED_ACTION_STATE', {
      actionUuid: action.uuid,
      expected,
      actual: `behind action ${running.uuid}`,
    });
  };

  for (const write of writes) {
    if (write.write === 'require-session') {
      if (present.epochOf(write.host) !== write.epoch) throw new ComputeError('SESSION_LOST', {});
    } else if (write.write === 'require-no-session')
      checkNoSession(present.session(write.host), write.epoch, present.nowMs);
    else if (write.write === 'create-instance') createInstance(write.instance);
    else if (write.write === 'update-instance') updateInstance(write);
    else if (write.write === 'create-action') createAction(write.action);
    else if (write.write === 'update-action') updateAction(write);
  }
  return { instances, actions };
}

function runsBeside(other: InstanceAction, action: InstanceAction): boolean {
  return other.instanceUuid === action.instanceUuid && other.uuid !== action.uuid && other.state === 'running';
}

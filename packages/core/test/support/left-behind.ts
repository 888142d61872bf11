import type { InstanceAction, OperationName, TaskState, VmState } from '@virtkit/core';
import { operations } from '../../src/model/operation-table.js';
import type { FakeCompute } from './fake-compute.js';
import { imageId, volumeIds } from './memory-providers.js';
import { instanceUuid } from './stories/story.js';

/** What the operations are asked beside the instance, where there is anything. */
const parameters: Partial<Record<OperationName, InstanceAction['parameters']>> = {
  rebuild: { imageId },
  snapshot: { name: 'yesterday', quiesce: 'never' },
  backup: { name: 'sunday', quiesce: 'never', backupType: 'weekly' },
  attachVolume: { volumeId: volumeIds[0], bus: 'virtio' },
  detachVolume: { volumeId: volumeIds[0] },
  detachInterface: { interfaceId: '00000000-0000-4000-8000-000000000001' },
  liveMigrate: { host: 'host-2' },
};

export interface LeftBehind {
  readonly operation: OperationName;
  readonly taskState: TaskState;
  /** Default: `active` where the operation starts from it. */
  readonly vmState?: VmState;
  /** Whether anybody had begun. Default `running`. */
  readonly state?: Extract<InstanceAction['state'], 'queued' | 'running'>;
}

/** Makes the record of {@link instanceUuid} what a process leaves that dies in the middle of an operation. Resolves with the action's uuid. */
export async function leaveBehind({ store }: FakeCompute, left: LeftBehind): Promise<string> {
  const [done] = await store.listActions(instanceUuid);
  if (!done) throw new Error('nothing was done to the instance yet');
  const { operation, taskState, state = 'running' } = left;
  const { action: name, vmStates } = operations[operation];
  const uuid = '22222222-2222-4222-8222-222222222222';
  const requestId = '33333333-3333-4333-8333-333333333333';
  const asked = {
    uuid,
    requestId,
    name,
    operation,
    parameters: parameters[operation] ?? {},
    idempotencyKey: null,
    result: null,
  };
  const action: InstanceAction = { ...done, ...asked, state, finishedAtMs: null, failure: null };
  const vmState = left.vmState ?? vmStates.find((each) => each === 'active') ?? vmStates[0] ?? 'active';
  await store.commit([
    { write: 'create-action', action },
    { write: 'update-instance', uuid: instanceUuid, patch: { vmState, taskState, taskOwner: uuid }, guard: {} },
  ]);
  return uuid;
}

import { MemoryStore, type InstanceAction } from '@virtkit/core';
import { instanceFromFields, type Instance, type InstanceFields, type StoreWrite } from '@virtkit/core/store';

/** How a manager finds the records of its host at the start. */
export type FoundRecords =
  /** As the guests are. */
  | 'at rest'
  /** Every instance in the middle of a start that its guest has survived: each is looked at, finished and written. */
  | 'interrupted'
  /** Every record says `stopped`, and every guest runs: each is looked at twice and written. */
  | 'out of date';

/** A store that holds these records and nothing else. */
export async function foundRecords(instances: readonly Instance[], found: FoundRecords): Promise<MemoryStore> {
  const store = new MemoryStore();
  for (const instance of instances) await store.commit(writesFor(instance, found));
  return store;
}

function writesFor(instance: Instance, found: FoundRecords): readonly StoreWrite[] {
  // A copy: what a record takes of memory is not shared with another store.
  const fields = structuredClone({ ...instance }) as InstanceFields;
  if (found === 'at rest') return [{ write: 'create-instance', instance: instanceFromFields(fields) }];
  const stopped = { ...fields, vmState: 'stopped', powerState: 'SHUTDOWN' } as const;
  if (found === 'out of date') return [{ write: 'create-instance', instance: instanceFromFields(stopped) }];
  const action = interruptedStart(instance);
  const held = { ...stopped, taskState: 'powering-on', taskOwner: action.uuid } as const;
  return [
    { write: 'create-instance', instance: instanceFromFields(held) },
    { write: 'create-action', action },
  ];
}

function interruptedStart({ uuid, projectId, userId }: Instance): InstanceAction {
  const nowMs = Date.now();
  return {
    uuid: globalThis.crypto.randomUUID(),
    instanceUuid: uuid,
    name: 'start',
    operation: 'start',
    parameters: {},
    requestId: `req-${globalThis.crypto.randomUUID()}`,
    userId,
    projectId,
    idempotencyKey: null,
    priority: 'normal',
    state: 'running',
    host: 'host-1',
    epoch: 1,
    acceptedAtMs: nowMs,
    startedAtMs: nowMs,
    finishedAtMs: null,
    deadlineAtMs: null,
    cancelRequestedAtMs: null,
    progress: null,
    result: null,
    failure: null,
  };
}

import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { newInstance, type ComputeStore, type InstanceAction, type StoreWrite } from '@virtkit/core/store';

const flavor = { name: 'small', vcpus: 1, memoryMib: 512, rootDiskGib: 1, extraSpecs: {} };
const image = {
  id: 'debian-12',
  name: 'Debian 12',
  diskFormat: 'qcow2' as const,
  minDiskGib: 0,
  minMemoryMib: 0,
  location: { disk: '/images/debian-12.qcow2' },
  properties: {},
};

export interface CommitRateOptions {
  readonly inFlight: number;
  readonly durationMs: number;
}

/** How often a second a disk can be waited for, which bounds a store that waits once for every unit. */
export function fdatasyncRate(directory: string, durationMs: number): number {
  const file = join(directory, 'fdatasync');
  const descriptor = openSync(file, 'w');
  const page = Buffer.alloc(4_096, 1);
  try {
    // Written once before, as a log is that is used again: the file does not grow under the measurement.
    for (let index = 0; index < 256; index += 1) writeSync(descriptor, page);
    fdatasyncSync(descriptor);
    const start = performance.now();
    let count = 0;
    while (performance.now() - start < durationMs) {
      writeSync(descriptor, page, 0, page.length, (count % 256) * page.length);
      fdatasyncSync(descriptor);
      count += 1;
    }
    return (count * 1_000) / (performance.now() - start);
  } finally {
    closeSync(descriptor);
    rmSync(file);
  }
}

/** Instances with one action each, for {@link commitRate} to work on. */
export async function fillStore(store: ComputeStore, instanceCount: number): Promise<readonly InstanceAction[]> {
  const actions: InstanceAction[] = [];
  for (let index = 0; index < instanceCount; index += 1) {
    const uuid = globalThis.crypto.randomUUID();
    const who = {
      uuid,
      name: 'web-1',
      projectId: 'acme',
      userId: 'ann',
      host: 'node-1',
      taskState: null,
      taskOwner: null,
    };
    const spec = { flavor, image, networkInterfaces: [], blockDevices: [], metadata: {} };
    const action = newAction(uuid);
    actions.push(action);
    await store.commit([
      { write: 'create-instance', instance: newInstance({ ...who, ...spec }, 0) },
      { write: 'create-action', action },
    ]);
  }
  return actions;
}

/** Typical units a second: the instance, its action, an event of it and a notification. */
export async function commitRate(
  store: ComputeStore,
  actions: readonly InstanceAction[],
  { inFlight, durationMs }: CommitRateOptions,
): Promise<number> {
  const start = performance.now();
  let count = 0;
  const work = async (): Promise<void> => {
    while (performance.now() - start < durationMs) {
      const action = actions[count % actions.length];
      count += 1;
      if (action) await store.commit(typicalUnit(action));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  return (count * 1_000) / (performance.now() - start);
}

function typicalUnit({ uuid, instanceUuid, requestId }: InstanceAction): readonly StoreWrite[] {
  const nowMs = Date.now();
  return [
    { write: 'update-instance', uuid: instanceUuid, patch: { powerState: 'RUNNING' }, guard: { taskState: [null] } },
    {
      write: 'put-event',
      event: {
        id: `${uuid}-start`,
        actionUuid: uuid,
        instanceUuid,
        name: 'compute_start_instance',
        startedAtMs: nowMs,
        finishedAtMs: nowMs,
        result: 'Success',
        failure: null,
        operator: { host: 'node-1', traceback: null },
      },
    },
    {
      write: 'update-action',
      uuid,
      patch: { progress: { phase: 'powering-on', doneMib: 0, totalMib: 0, atMs: nowMs } },
      guard: { state: ['queued'] },
    },
    {
      write: 'append-notification',
      notification: {
        id: globalThis.crypto.randomUUID(),
        eventType: 'instance.power_on.end',
        priority: 'INFO',
        publisher: 'compute:node-1',
        instanceUuid,
        requestId,
        occurredAtMs: nowMs,
        payload: { vmState: 'active', taskState: null },
        operator: null,
      },
    },
  ];
}

function newAction(instanceUuid: string): InstanceAction {
  return {
    uuid: globalThis.crypto.randomUUID(),
    instanceUuid,
    name: 'start',
    operation: 'start',
    parameters: {},
    requestId: `req-${globalThis.crypto.randomUUID()}`,
    userId: 'ann',
    projectId: 'acme',
    idempotencyKey: null,
    priority: 'normal',
    state: 'queued',
    host: 'node-1',
    epoch: null,
    acceptedAtMs: 0,
    startedAtMs: null,
    finishedAtMs: null,
    deadlineAtMs: null,
    cancelRequestedAtMs: null,
    progress: null,
    result: null,
    failure: null,
  };
}

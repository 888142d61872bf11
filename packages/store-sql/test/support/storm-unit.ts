import { newInstance, type StoreWrite } from '@virtkit/core/store';

const flavor = { name: 'small', vcpus: 1, memoryMib: 512, rootDiskGib: 1, extraSpecs: {} };
const image = {
  id: 'i',
  name: 'i',
  diskFormat: 'raw' as const,
  minDiskGib: 0,
  minMemoryMib: 0,
  location: { disk: '/i' },
  properties: {},
};

/** By what everything of a unit is found. */
export function unitName(number: number): string {
  return `unit-${number}`;
}

/** An instance, an event and a notification. */
export function stormUnit(number: number): readonly StoreWrite[] {
  const uuid = unitName(number);
  const who = {
    uuid,
    name: 'storm',
    projectId: 'acme',
    userId: 'ann',
    host: 'node-1',
    taskState: null,
    taskOwner: null,
  };
  const spec = { flavor, image, networkInterfaces: [], blockDevices: [], metadata: {} };
  return [
    { write: 'create-instance', instance: newInstance({ ...who, ...spec }, number) },
    {
      write: 'put-event',
      event: {
        id: uuid,
        actionUuid: uuid,
        instanceUuid: uuid,
        name: 'storm',
        startedAtMs: number,
        finishedAtMs: null,
        result: null,
        failure: null,
        operator: { host: 'node-1', traceback: 'x'.repeat(number % 3_000) },
      },
    },
    {
      write: 'append-notification',
      notification: {
        id: uuid,
        eventType: 'storm',
        priority: 'INFO',
        publisher: 'compute:node-1',
        instanceUuid: uuid,
        requestId: null,
        occurredAtMs: number,
        payload: {},
        operator: null,
      },
    },
  ];
}

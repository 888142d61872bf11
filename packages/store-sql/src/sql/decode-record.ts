import {
  ComputeError,
  instanceFromFields,
  migrationFromFields,
  type Instance,
  type InstanceFields,
  type Migration,
  type MigrationFields,
  type Notification,
  type RecordKind,
} from '@virtkit/core/store';
import type { NumberedRow } from './notification-table.js';

type FieldType = 'text' | 'number' | 'object' | 'list' | 'text or null';

/** What a record must have for anybody to work with it: by what it is found, and what is taken apart. */
const shapes: Readonly<Record<RecordKind, Readonly<Record<string, FieldType>>>> = {
  instance: {
    uuid: 'text',
    projectId: 'text',
    host: 'text or null',
    vmState: 'text',
    taskState: 'text or null',
    taskOwner: 'text or null',
    flavor: 'object',
    image: 'object',
    networkInterfaces: 'list',
    blockDevices: 'list',
    revision: 'number',
  },
  action: { uuid: 'text', instanceUuid: 'text', operation: 'text', state: 'text', host: 'text', parameters: 'object' },
  event: { id: 'text', actionUuid: 'text' },
  fault: { uuid: 'text', instanceUuid: 'text' },
  migration: { uuid: 'text', instanceUuid: 'text', sourceHost: 'text', destinationHost: 'text', status: 'text' },
  notification: { id: 'text', eventType: 'text' },
  host: { host: 'text', mode: 'text' },
  session: { host: 'text', holder: 'text', epoch: 'number', leaseUntilMs: 'number' },
  'console token': { tokenHash: 'text', expiresAtMs: 'number' },
};

/** The field that a record is found by. */
const keys: Readonly<Partial<Record<RecordKind, string>>> = {
  event: 'id',
  notification: 'id',
  host: 'host',
  session: 'host',
  'console token': 'tokenHash',
};

/**
 * A record from its text. Every record that is read comes through here.
 * @param key by what it was found, where that is known: a record of another one is damaged too
 * @throws ComputeError `RECORD_DAMAGED` for a text that is cut, empty, or of another shape
 */
export function parseRecord<Value>(record: RecordKind, text: string, key?: string): Value {
  const value = parsed(text) as Record<string, unknown> | undefined;
  const keyField = keys[record] ?? 'uuid';
  const isSound =
    value !== undefined &&
    Object.entries(shapes[record]).every(([field, type]) => isOf(value[field], type)) &&
    (key === undefined || value[keyField] === key);
  if (isSound) return value as Value;
  throw new ComputeError('RECORD_DAMAGED', { record, uuid: key ?? 'unknown' }, { effect: 'none' });
}

/** The same, frozen to the bottom. */
export function decodeRecord<Value>(record: RecordKind, text: string, key?: string): Value {
  return frozen(parseRecord<Value>(record, text, key));
}

export function decodeInstance(text: string, uuid?: string): Instance {
  return instanceFromFields(decodeRecord<InstanceFields>('instance', text, uuid));
}

export function decodeMigration(text: string, uuid?: string): Migration {
  return migrationFromFields(decodeRecord<MigrationFields>('migration', text, uuid));
}

/** A damaged one keeps its place: whoever reads on from a sequence must not take the gap for the end. */
export function decodeNotification({ sequence, instanceSequence, record, ...row }: NumberedRow): Notification {
  try {
    return Object.freeze({ ...decodeRecord<Notification>('notification', record), sequence, instanceSequence });
  } catch {
    const { id, instanceUuid, requestId } = row;
    return frozen({
      id,
      eventType: 'store.record.damaged',
      priority: 'ERROR',
      publisher: 'store',
      instanceUuid,
      requestId,
      occurredAtMs: 0,
      payload: {},
      operator: null,
      sequence,
      instanceSequence,
    });
  }
}

/** Freezes what was just parsed: a tree, and nobody else's. */
export function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}

function parsed(text: string): object | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isOf(value: unknown, type: FieldType): boolean {
  switch (type) {
    case 'text':
      return typeof value === 'string';
    case 'text or null':
      return value === null || typeof value === 'string';
    case 'number':
      return typeof value === 'number';
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'list':
      return Array.isArray(value);
  }
}

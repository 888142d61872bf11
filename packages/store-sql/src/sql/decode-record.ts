import {
  instanceFromFields,
  migrationFromFields,
  type Instance,
  type InstanceFields,
  type Migration,
  type MigrationFields,
  type Notification,
} from '@virtkit/core/store';
import type { NumberedRow } from './notification-table.js';

/** A record from its text, frozen to the bottom. */
export function decodeRecord<Value>(record: string): Value {
  return frozen(JSON.parse(record) as Value);
}

export function decodeInstance(record: string): Instance {
  return instanceFromFields(decodeRecord<InstanceFields>(record));
}

export function decodeMigration(record: string): Migration {
  return migrationFromFields(decodeRecord<MigrationFields>(record));
}

export function decodeNotification({ sequence, instanceSequence, record }: NumberedRow): Notification {
  return Object.freeze({ ...decodeRecord<Notification>(record), sequence, instanceSequence });
}

/** Freezes what was just parsed: a tree, and nobody else's. */
export function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}

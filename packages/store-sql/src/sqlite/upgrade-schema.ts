import { createHash } from 'node:crypto';
import type { SchemaStep } from './schema/schema-step.js';
import type { SqliteDatabase } from './sqlite-database.js';
import { unusableFile } from './unusable-file.js';

/** Marks a SQLite file as ours: "Virt", in the place that SQLite's header has for it. */
const APPLICATION_ID = 0x56697274;

interface TakenStep {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
}

/**
 * Looks whether the file is empty or a store that this release knows.
 * @throws ComputeError `INVALID_CONFIGURATION` when it is somebody else's, or of a newer or another release
 */
export function checkSchema(database: SqliteDatabase, steps: readonly SchemaStep[]): void {
  if (isEmpty(database)) return;
  const { path } = database;
  const pragma = database.get<{ readonly application_id: number }>('pragma application_id', []);
  if (pragma?.application_id !== APPLICATION_ID) {
    throw unusableFile(path, 'a SQLite database of another program', 'a new file, or a store of this package');
  }
  for (const { number, name, checksum } of stepsTaken(database)) {
    const known = steps[number - 1];
    const accepted = `a store of schema ${steps.length} or older`;
    if (!known) throw unusableFile(path, `a store of schema ${number} (${name}), made by a newer release`, accepted);
    if (checksumOf(known) !== checksum) {
      throw unusableFile(path, `a store whose schema ${number} (${name}) is not the one of this release`, accepted);
    }
  }
}

/** Takes the steps that the file has not taken yet, all in one transaction. */
export async function upgradeSchema(database: SqliteDatabase, steps: readonly SchemaStep[]): Promise<void> {
  const isNew = isEmpty(database);
  const takenCount = isNew ? 0 : stepsTaken(database).length;
  if (!isNew && takenCount === steps.length) return;
  await database.transaction(() => {
    if (isNew) {
      database.execute(`pragma application_id = ${APPLICATION_ID}`);
      database.execute(
        'create table schema_steps (number integer primary key, name text not null, checksum text not null) strict',
      );
    }
    for (const step of steps.slice(takenCount)) {
      database.execute(step.sql);
      const statement = 'insert into schema_steps (number, name, checksum) values (?, ?, ?)';
      database.run(statement, [step.number, step.name, checksumOf(step)]);
    }
  });
}

function isEmpty(database: SqliteDatabase): boolean {
  return database.get('select 1 from sqlite_schema limit 1', []) === undefined;
}

function stepsTaken(database: SqliteDatabase): readonly TakenStep[] {
  return database.all<TakenStep>('select number, name, checksum from schema_steps order by number', []);
}

function checksumOf({ sql }: SchemaStep): string {
  return createHash('sha256').update(sql).digest('hex');
}

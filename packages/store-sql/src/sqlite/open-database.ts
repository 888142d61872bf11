import { SqlRecords } from '../sql/sql-records.js';
import { isLocked, isNoDatabase } from './encode-failure.js';
import { FileIdentity } from './file-identity.js';
import { fillLog } from './fill-log.js';
import { forgetHolder, readHolder, writeHolder } from './file-holder.js';
import { schemaSteps } from './schema/schema-steps.js';
import { SqliteDatabase } from './sqlite-database.js';
import type { WorkerOptions } from './store-request.js';
import { unusableFile } from './unusable-file.js';
import { checkSchema, upgradeSchema } from './upgrade-schema.js';

const MIB = 1_048_576;

export interface OpenDatabase {
  readonly database: SqliteDatabase;
  readonly records: SqlRecords;
  readonly file: FileIdentity;
}

/**
 * Opens the file for this store alone, with the schema of this release. What nobody can be alive to hold is ended: every session.
 * @throws ComputeError `INVALID_CONFIGURATION` when it is not a store of ours; an Error while somebody else has it
 */
export async function openDatabase({ path, logMib }: WorkerOptions): Promise<OpenDatabase> {
  const logBytes = logMib * MIB;
  const database = lock(path);
  try {
    checkSchema(database, schemaSteps);
    database.beDurable(logBytes);
    await upgradeSchema(database, schemaSteps);
    const records = new SqlRecords(database);
    await database.transaction(() => records.sessions.endAll());
    fillLog(path, logBytes);
    writeHolder(path);
    return { database, records, file: new FileIdentity(path) };
  } catch (failure) {
    database.close();
    throw failure;
  }
}

function lock(path: string): SqliteDatabase {
  try {
    return new SqliteDatabase(path);
  } catch (failure) {
    if (isNoDatabase(failure)) throw unusableFile(path, 'which is no SQLite database', 'a new file, or a store');
    if (!isLocked(failure)) throw failure;
    throw new Error(`${path} is held by ${readHolder(path)}. One store has it at a time.`, { cause: failure });
  }
}

export function closeDatabase({ database, file }: Pick<OpenDatabase, 'database' | 'file'>): void {
  // The other way round, the note could be that of the next one. So it is where the file is another one.
  if (isOwn(file)) forgetHolder(database.path);
  database.close();
}

function isOwn(file: FileIdentity): boolean {
  try {
    file.require();
    return true;
  } catch {
    return false;
  }
}

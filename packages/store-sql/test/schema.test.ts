import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { records } from '../src/sqlite/schema/0001-records.js';
import type { SchemaStep } from '../src/sqlite/schema/schema-step.js';
import { schemaSteps } from '../src/sqlite/schema/schema-steps.js';
import { SqliteDatabase } from '../src/sqlite/sqlite-database.js';
import { checkSchema, upgradeSchema } from '../src/sqlite/upgrade-schema.js';
import { temporaryDirectory } from './support/temporary-directory.js';

function open(path = join(temporaryDirectory(), 'records.db')): SqliteDatabase {
  const database = new SqliteDatabase(path);
  onTestFinished(() => database.close());
  return database;
}

const second: SchemaStep = { number: 2, name: 'labels', sql: 'create table labels (name text not null) strict' };

describe('the schema', () => {
  it('is what schema.sql says; after a new step, write it with `vitest -u`', async () => {
    const database = open();
    await upgradeSchema(database, schemaSteps);
    const statement = 'select sql from sqlite_schema where sql is not null order by tbl_name, type desc, name';
    const lines = database.all<{ readonly sql: string }>(statement, []).map(({ sql }) => `${sql};\n`);
    await expect(lines.join('\n')).toMatchFileSnapshot('../schema.sql');
  });

  it('has steps without gaps', () => {
    expect(schemaSteps.map(({ number }) => number)).toEqual(schemaSteps.map((_, index) => index + 1));
  });

  it('goes forward by the steps that a file has not taken yet, once', async () => {
    const database = open();
    await upgradeSchema(database, [records]);
    checkSchema(database, [records, second]);
    await upgradeSchema(database, [records, second]);
    await upgradeSchema(database, [records, second]);
    expect(database.all('select number, name from schema_steps', []).length).toBe(2);
    expect(database.get('select count(*) as count from labels', [])).toEqual({ count: 0 });
  });

  it('is not taken half: a step that fails leaves the file as it was', async () => {
    const database = open();
    await upgradeSchema(database, [records]);
    const broken = { ...second, sql: `${second.sql}; create table instances (uuid text)` };
    await expect(upgradeSchema(database, [records, broken])).rejects.toThrow('already exists');
    expect(database.all('select number from schema_steps', [])).toEqual([{ number: 1 }]);
    expect(database.get(`select name from sqlite_schema where name = 'labels'`, [])).toBeUndefined();
  });

  it('of a newer release is refused', async () => {
    const database = open();
    await upgradeSchema(database, [records, second]);
    expect(() => checkSchema(database, [records])).toThrow('schema 2 (labels), made by a newer release');
  });

  it('that was changed after its release is refused', async () => {
    const database = open();
    await upgradeSchema(database, [records]);
    const changed = { ...records, sql: `${records.sql} ` };
    expect(() => checkSchema(database, [changed])).toThrow('is not the one of this release');
  });
});

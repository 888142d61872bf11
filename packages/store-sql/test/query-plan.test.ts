import { join } from 'node:path';
import type { InstanceQuery, MigrationQuery, NotificationQuery } from '@virtkit/core/store';
import { expect, it, onTestFinished } from 'vitest';
import { encodeWrite } from '../src/sql/encoded-write.js';
import type { SqlConnection } from '../src/sql/sql-connection.js';
import { SqlRecords } from '../src/sql/sql-records.js';
import { schemaSteps } from '../src/sqlite/schema/schema-steps.js';
import { SqliteDatabase } from '../src/sqlite/sqlite-database.js';
import { upgradeSchema } from '../src/sqlite/upgrade-schema.js';
import { stormUnit, unitName } from './support/storm-unit.js';
import { temporaryDirectory } from './support/temporary-directory.js';

const INSTANCE_COUNT = 10_000;

async function open(): Promise<{
  readonly database: SqliteDatabase;
  readonly records: SqlRecords;
  readonly asked: Set<string>;
}> {
  const database = new SqliteDatabase(join(temporaryDirectory(), 'records.db'));
  onTestFinished(() => database.close());
  await upgradeSchema(database, schemaSteps);
  const asked = new Set<string>();
  const recording: SqlConnection = {
    dialect: database.dialect,
    get: (statement, values) => (asked.add(statement), database.get(statement, values)),
    all: (statement, values) => (asked.add(statement), database.all(statement, values)),
    run: (statement, values) => (asked.add(statement), database.run(statement, values)),
  };
  return { database, records: new SqlRecords(recording), asked };
}

function combinations<Query>(choices: readonly (readonly Partial<Query>[])[]): readonly Query[] {
  return choices.reduce<readonly Partial<Query>[]>(
    (queries, options) => queries.flatMap((query) => options.map((option) => ({ ...query, ...option }))),
    [{}],
  ) as readonly Query[];
}

const instanceQueries = combinations<InstanceQuery>([
  [{}, { host: 'node-1' }],
  [{}, { projectId: 'acme' }],
  [{}, { vmState: ['active'] }, { vmState: ['active', 'deleted'] }],
  [{}, { taskState: 'set' }],
  [{}, { pendingRelease: 'some' }],
  [{}, { afterUuid: 'unit-5', countMax: 100 }],
]);
const migrationQueries = combinations<MigrationQuery>([
  [{}, { instanceUuid: 'unit-1' }],
  [{}, { host: 'node-1' }],
  [{}, { status: ['running', 'accepted'] }],
]);
const notificationQueries = combinations<NotificationQuery>([
  [{ afterSequence: 5, countMax: 100 }],
  [{}, { instanceUuid: 'unit-1' }],
  [{}, { requestId: 'req-1' }],
]);

it('no query of the port reads a whole table of 10,000 instances', async () => {
  const { database, records, asked } = await open();
  await database.transaction(async () => {
    for (let number = 0; number < INSTANCE_COUNT; number += 1) {
      await records.applyUnit(stormUnit(number).map(encodeWrite), 0);
    }
  });
  const guard = { taskState: [null] };
  const patch = { host: 'node-2', vmState: 'active', taskState: 'deleting', taskOwner: 'a' } as const;
  const change = JSON.stringify({ patch, guard });
  await records.applyUnit([{ write: 'update-instance', uuid: unitName(0), change }], 0);
  for (const query of instanceQueries) await records.instances.list(query);
  for (const query of migrationQueries) await records.migrations.list(query);
  for (const query of notificationQueries) await records.notifications.list(query);
  await records.instances.find('unit-1');
  await records.actions.find('a');
  await records.actions.findByKey({ projectId: 'p', idempotencyKey: 'k' });
  await records.actions.listOfInstance('unit-1');
  await records.actions.listUnfinished('node-1');
  await records.events.list('unit-1');
  await records.faults.list('unit-1');
  await records.migrations.find('m');
  await records.consoleTokens.find('t', 0);
  await records.sessions.see('node-1', 0);
  await records.hosts.find('node-1');

  const scans = [...asked].flatMap((statement) => {
    const plan = database.all<{ readonly detail: string }>(`explain query plan ${statement}`, valuesFor(statement));
    return plan
      .filter(({ detail }) => /^SCAN (?!CONSTANT)/.test(detail))
      .map(({ detail }) => `${statement}: ${detail}`);
  });
  expect(asked.size).toBeGreaterThan(40);
  expect(scans).toEqual([]);
  expect((await records.instances.list({ host: 'node-1' })).length).toBe(INSTANCE_COUNT - 1);
  expect(await records.instances.list({ host: 'node-2', taskState: 'set' })).toHaveLength(1);
}, 60_000);

function valuesFor(statement: string): readonly null[] {
  return Array.from(statement.matchAll(/\?/g), () => null);
}

import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { SqlRecords } from '../src/sql/sql-records.js';
import { schemaSteps } from '../src/sqlite/schema/schema-steps.js';
import { SqliteDatabase } from '../src/sqlite/sqlite-database.js';
import { upgradeSchema } from '../src/sqlite/upgrade-schema.js';
import { temporaryDirectory } from './support/temporary-directory.js';

it('old console tokens take no room: each new one takes away those that have expired', async () => {
  const database = new SqliteDatabase(join(temporaryDirectory(), 'records.db'));
  onTestFinished(() => database.close());
  await upgradeSchema(database, schemaSteps);
  const { consoleTokens } = new SqlRecords(database);
  const hashes = () => database.all('select token_hash from console_tokens order by token_hash', []);
  for (const nth of [1, 2, 3]) {
    await consoleTokens.put({ tokenHash: `old ${nth}`, expiresAtMs: 1_000, record: '{}' }, 0);
  }
  expect(hashes()).toHaveLength(3);
  await consoleTokens.put({ tokenHash: 'new', expiresAtMs: 2_000, record: '{}' }, 1_000);
  expect(hashes()).toEqual([{ token_hash: 'new' }]);
});

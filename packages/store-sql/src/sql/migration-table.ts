import type { MigrationQuery } from '@virtkit/core/store';
import { keyText } from './key-text.js';
import type { RecordRow, SqlConnection } from './sql-connection.js';
import { WhereClause } from './where-clause.js';

export interface MigrationRow extends RecordRow {
  readonly uuid: string;
  readonly instanceUuid: string;
  readonly sourceHost: string;
  readonly destinationHost: string;
  readonly status: string;
}

/** The moves of instances, in the order they were put first: their `position`. */
export class MigrationTable {
  readonly #sql: SqlConnection;

  constructor(sql: SqlConnection) {
    this.#sql = sql;
  }

  async find(uuid: string): Promise<string | undefined> {
    const row = await this.#sql.get<RecordRow>('select record from migrations where uuid = ?', [keyText(uuid)]);
    return row?.record;
  }

  async list({ instanceUuid, host, status }: MigrationQuery): Promise<readonly string[]> {
    const where = new WhereClause().and('position > 0');
    if (instanceUuid !== undefined) where.and('instance_uuid = ?', keyText(instanceUuid));
    if (host !== undefined) where.and('(source_host = ? or destination_host = ?)', keyText(host), keyText(host));
    if (status !== undefined) where.andIn('status', status);
    const statement = `select record from migrations ${where.text} order by position desc`;
    return (await this.#sql.all<RecordRow>(statement, where.values)).map(({ record }) => record);
  }

  /** Replaces the one of this uuid, in its place. */
  async put({ uuid, instanceUuid, sourceHost, destinationHost, status, record }: MigrationRow): Promise<void> {
    await this.#sql.run(
      `insert into migrations (uuid, instance_uuid, source_host, destination_host, status, record) values (?, ?, ?, ?, ?, ?)
        on conflict (uuid) do update set source_host = excluded.source_host,
          destination_host = excluded.destination_host, status = excluded.status, record = excluded.record`,
      [keyText(uuid), keyText(instanceUuid), keyText(sourceHost), keyText(destinationHost), status, record],
    );
  }
}

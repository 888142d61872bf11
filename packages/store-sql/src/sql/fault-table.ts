import { keyText } from './key-text.js';
import type { RecordRow, SqlConnection } from './sql-connection.js';

export interface FaultRow extends RecordRow {
  readonly uuid: string;
  readonly instanceUuid: string;
}

/** The faults, in the order they were put first: their `position`. */
export class FaultTable {
  readonly #sql: SqlConnection;

  constructor(sql: SqlConnection) {
    this.#sql = sql;
  }

  async list(instanceUuid: string): Promise<readonly string[]> {
    const statement = 'select record from faults where instance_uuid = ? order by position desc';
    return (await this.#sql.all<RecordRow>(statement, [keyText(instanceUuid)])).map(({ record }) => record);
  }

  /** Replaces the one of this uuid, in its place. */
  async put({ uuid, instanceUuid, record }: FaultRow): Promise<void> {
    await this.#sql.run(
      `insert into faults (uuid, instance_uuid, record) values (?, ?, ?)
        on conflict (uuid) do update set record = excluded.record`,
      [keyText(uuid), keyText(instanceUuid), record],
    );
  }
}

import { keyText } from './key-text.js';
import type { RecordRow, SqlConnection } from './sql-connection.js';

export interface EventRow extends RecordRow {
  readonly id: string;
  readonly actionUuid: string;
}

/** The steps of each action, counted by `position` in the order they started. */
export class EventTable {
  readonly #sql: SqlConnection;

  constructor(sql: SqlConnection) {
    this.#sql = sql;
  }

  async list(actionUuid: string): Promise<readonly string[]> {
    const statement = 'select record from events where action_uuid = ? order by position';
    return (await this.#sql.all<RecordRow>(statement, [keyText(actionUuid)])).map(({ record }) => record);
  }

  /** Replaces the one of this id, in its place. */
  async put({ id, actionUuid, record }: EventRow): Promise<void> {
    const [actionKey, idKey] = [keyText(actionUuid), keyText(id)];
    await this.#sql.run(
      `insert into events (action_uuid, id, position, record)
        values (?, ?, (select coalesce(max(position), 0) + 1 from events where action_uuid = ?), ?)
        on conflict (action_uuid, id) do update set record = excluded.record`,
      [actionKey, idKey, actionKey, record],
    );
  }
}

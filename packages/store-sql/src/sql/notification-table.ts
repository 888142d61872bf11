import type { NotificationQuery } from '@virtkit/core/store';
import { keyText, keyTextOrNull } from './key-text.js';
import type { RecordRow, SqlConnection } from './sql-connection.js';
import { WhereClause } from './where-clause.js';

export interface NotificationRow extends RecordRow {
  readonly id: string;
  readonly instanceUuid: string | null;
  readonly requestId: string | null;
}

/** A notification with the numbers that the table gave it, which are not in its record. */
export interface NumberedRow extends RecordRow {
  readonly id: string;
  readonly instanceUuid: string | null;
  readonly requestId: string | null;
  readonly sequence: number;
  readonly instanceSequence: number | null;
}

/** The notifications, in the order they were appended. */
export class NotificationTable {
  readonly #sql: SqlConnection;

  constructor(sql: SqlConnection) {
    this.#sql = sql;
  }

  async list(query: NotificationQuery): Promise<readonly NumberedRow[]> {
    const { afterSequence, instanceUuid, requestId, countMax } = query;
    const where = new WhereClause().and('sequence > ?', afterSequence);
    if (instanceUuid !== undefined) where.and('instance_uuid = ?', keyText(instanceUuid));
    if (requestId !== undefined) where.and('request_id = ?', keyText(requestId));
    const rows = await this.#sql.all<NumberedRow>(
      `select id, instance_uuid as "instanceUuid", request_id as "requestId",
          sequence, instance_sequence as "instanceSequence", record from notifications
        ${where.text} order by sequence limit ?`,
      [...where.values, countMax],
    );
    return rows.map((row) => ({ ...row }));
  }

  /** Leaves one out that is there. */
  async append({ id, instanceUuid, requestId, record }: NotificationRow): Promise<void> {
    const rest = [keyTextOrNull(requestId), record];
    if (instanceUuid === null) {
      const statement =
        'insert into notifications (id, request_id, record) values (?, ?, ?) on conflict (id) do nothing';
      return await this.#sql.run(statement, [keyText(id), ...rest]);
    }
    const instanceKey = keyText(instanceUuid);
    await this.#sql.run(
      `insert into notifications (id, instance_uuid, instance_sequence, request_id, record) values (?, ?, coalesce(
          (select instance_sequence from notifications where instance_uuid = ? order by sequence desc limit 1), 0) + 1, ?, ?)
        on conflict (id) do nothing`,
      [keyText(id), instanceKey, instanceKey, ...rest],
    );
  }
}

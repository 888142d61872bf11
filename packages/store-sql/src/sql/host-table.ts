import { keyText } from './key-text.js';
import type { RecordRow, SqlConnection } from './sql-connection.js';

export interface HostRow extends RecordRow {
  readonly host: string;
}

/** What operators and the hosts' managers have said of hosts. */
export class HostTable {
  readonly #sql: SqlConnection;

  constructor(sql: SqlConnection) {
    this.#sql = sql;
  }

  async find(host: string): Promise<string | undefined> {
    return (await this.#sql.get<RecordRow>('select record from hosts where host = ?', [keyText(host)]))?.record;
  }

  async list(): Promise<readonly string[]> {
    return (await this.#sql.all<RecordRow>('select record from hosts order by host', [])).map(({ record }) => record);
  }

  async put({ host, record }: HostRow): Promise<void> {
    await this.#sql.run(
      'insert into hosts (host, record) values (?, ?) on conflict (host) do update set record = excluded.record',
      [keyText(host), record],
    );
  }
}

import { keyText } from './key-text.js';
import type { RecordRow, SqlConnection } from './sql-connection.js';

export interface ConsoleTokenRow extends RecordRow {
  readonly tokenHash: string;
  readonly expiresAtMs: number;
}

/** The console tokens, until they expire. */
export class ConsoleTokenTable {
  readonly #sql: SqlConnection;

  constructor(sql: SqlConnection) {
    this.#sql = sql;
  }

  async find(tokenHash: string, nowMs: number): Promise<string | undefined> {
    const statement = 'select record from console_tokens where token_hash = ? and expires_at_ms > ?';
    return (await this.#sql.get<RecordRow>(statement, [keyText(tokenHash), nowMs]))?.record;
  }

  async put({ tokenHash, expiresAtMs, record }: ConsoleTokenRow, nowMs: number): Promise<void> {
    await this.#sql.run('delete from console_tokens where expires_at_ms <= ?', [nowMs]);
    await this.#sql.run(
      `insert into console_tokens (token_hash, expires_at_ms, record) values (?, ?, ?)
        on conflict (token_hash) do update set expires_at_ms = excluded.expires_at_ms, record = excluded.record`,
      [keyText(tokenHash), Math.ceil(expiresAtMs), record],
    );
  }
}

import type { SqlDialect } from './sql-dialect.js';

export type SqlValue = string | number | null;

/** An answer of a database that may be in this process or across a network. */
export type Eventually<Value> = Value | Promise<Value>;

/** All that the tables need of a database. Its statements have `?` for every value. */
export interface SqlConnection {
  readonly dialect: SqlDialect;
  get<Row>(statement: string, values: readonly SqlValue[]): Eventually<Row | undefined>;
  all<Row>(statement: string, values: readonly SqlValue[]): Eventually<readonly Row[]>;
  run(statement: string, values: readonly SqlValue[]): Eventually<void>;
}

/** Every table keeps its records whole, as JSON text; its other columns are what records are looked for by. */
export interface RecordRow {
  readonly record: string;
}

/**
 * What differs between the databases in the statements of the tables. The rest is written in the SQL that SQLite and PostgreSQL
 * share; tables, types and indexes are a matter of each database's own migrations.
 */
export interface SqlDialect {
  /** Ends the select of a row that its reader is about to change. */
  readonly forUpdate: string;
  /** A statement as the database takes it. */
  statement(text: string): string;
}

/** A transaction of SQLite has the database to itself. */
export const sqliteDialect: SqlDialect = { forUpdate: '', statement: (text) => text };

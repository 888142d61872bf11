import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { sqliteDialect } from '../sql/sql-dialect.js';
import type { Eventually, SqlConnection, SqlValue } from '../sql/sql-connection.js';

/** What a page takes in the log: itself, with its header. Files of ours have SQLite's default size of pages. */
const FRAME_BYTES = 4_096 + 24;

/** How much of the log is used when it is copied into the file at the latest. The rest is for the commit that comes to this point. */
const FULL_SHARE = 7 / 8;

/** What SQLite may keep of the file in memory. */
const CACHE_KIB = 65_536;

/**
 * An open SQLite file, locked for everybody else.
 *
 * The lock is SQLite's own: POSIX record locks on the file, which the kernel drops with the process however it dies, and within one
 * process SQLite's list of the files it has open. Opening and closing the file by other means in this process would drop them too.
 */
export class SqliteDatabase implements SqlConnection {
  readonly dialect = sqliteDialect;
  readonly path: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string) {
    this.path = path;
    this.#database = new DatabaseSync(path);
    try {
      // Before anything is read, so that the first read takes the lock for good, and no shared memory is used.
      this.execute('pragma locking_mode = exclusive');
      this.get('select count(*) from sqlite_schema', []);
    } catch (failure) {
      this.#database.close();
      throw failure;
    }
  }

  /**
   * From now on every commit is on disk before it returns. The first of these writes to the file. A log that is nearly `logBytes`
   * long is copied into the file and begun anew.
   */
  beDurable(logBytes: number): void {
    const mode = this.get<{ readonly journal_mode: string }>('pragma journal_mode = wal', []);
    if (mode?.journal_mode !== 'wal') throw new Error('This file system cannot hold a write-ahead log.');
    this.execute('pragma synchronous = full');
    this.execute(`pragma wal_autocheckpoint = ${Math.floor((logBytes * FULL_SHARE) / FRAME_BYTES)}`);
    // What one huge commit has added is given back.
    this.execute(`pragma journal_size_limit = ${logBytes}`);
    this.execute(`pragma cache_size = -${CACHE_KIB}`);
    this.execute('pragma temp_store = memory');
    this.execute('pragma trusted_schema = off');
  }

  get<Row>(statement: string, values: readonly SqlValue[]): Row | undefined {
    return this.#prepared(statement).get(...values) as Row | undefined;
  }

  all<Row>(statement: string, values: readonly SqlValue[]): readonly Row[] {
    return this.#prepared(statement).all(...values) as unknown as readonly Row[];
  }

  run(statement: string, values: readonly SqlValue[]): void {
    this.#prepared(statement).run(...values);
  }

  /** Statements that are executed once. */
  execute(statements: string): void {
    this.#database.exec(statements);
  }

  async transaction(work: () => Eventually<void>): Promise<void> {
    this.run('begin immediate', []);
    try {
      await work();
      this.run('commit', []);
    } catch (failure) {
      this.rollBack();
      throw failure;
    }
  }

  rollBack(): void {
    try {
      this.run('rollback', []);
    } catch {
      // After some failures, a full disk among them, SQLite has rolled back by itself: there is nothing left to undo.
    }
  }

  /** Copies the log into the file, so that it begins anew with the next commit. */
  checkpoint(): void {
    this.run('pragma wal_checkpoint(passive)', []);
  }

  /** Copies the log into the file, removes it, and lets go of the lock. */
  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #prepared(statement: string): StatementSync {
    const known = this.#statements.get(statement);
    if (known) return known;
    const prepared = this.#database.prepare(this.dialect.statement(statement));
    this.#statements.set(statement, prepared);
    return prepared;
  }
}

/**
 * A durable store for the compute manager. Start with {@link openSqliteStore}.
 *
 * @packageDocumentation
 */
export { openSqliteStore } from './sqlite/open-sqlite-store.js';
export type { SqliteStoreOptions } from './sqlite/sqlite-options.js';
export type { SqliteStore } from './sqlite/sqlite-store.js';

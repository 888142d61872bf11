import { ComputeError, isComputeError } from '@virtkit/core/store';
import { FileLost } from './file-identity.js';
import type { EncodedFailure } from './store-request.js';

/** What SQLite's errors have beside their message. */
interface SqliteError extends Error {
  /** SQLite's extended result code. */
  readonly errcode: number;
}

/** Result codes of SQLite: https://sqlite.org/rescode.html. The low byte of an extended code is its kind. */
const BUSY = 5;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;
const FSYNC_FAILED = 1034;
const DIRECTORY_FSYNC_FAILED = 1290;

/**
 * The one place that translates what SQLite and the file system throw. `effect` is what the failed call has changed, which only the
 * place that failed knows.
 */
export function encodeFailure(failure: unknown, effect: 'none' | 'unknown'): EncodedFailure {
  if (isComputeError(failure)) {
    const { code, details } = failure;
    return { code, details, effect: failure.effect };
  }
  const message = failure instanceof Error ? failure.message : String(failure);
  const operator = isSqliteError(failure) ? { message, sqliteCode: failure.errcode } : { message };
  return { code: 'STORE_UNAVAILABLE', details: {}, effect, operator };
}

export function decodeFailure({ code, details, effect, operator }: EncodedFailure): ComputeError {
  return new ComputeError(code, details, { effect, ...(operator && { operator }) });
}

/** Whether somebody else has the file. */
export function isLocked(failure: unknown): boolean {
  return isSqliteError(failure) && kindOf(failure) === BUSY;
}

/** Whether the file is none of SQLite's. */
export function isNoDatabase(failure: unknown): boolean {
  return isSqliteError(failure) && kindOf(failure) === NOT_A_DATABASE;
}

/**
 * Whether nothing may be written after it. The kernel says once that data did not reach the disk, and forgets: a later success would
 * prove nothing. Whoever opens the file again reads what is really there.
 */
export function isFinal(failure: unknown): boolean {
  if (failure instanceof FileLost) return true;
  if (!isSqliteError(failure)) return false;
  const isLostWrite = failure.errcode === FSYNC_FAILED || failure.errcode === DIRECTORY_FSYNC_FAILED;
  return isLostWrite || kindOf(failure) === CORRUPT || kindOf(failure) === NOT_A_DATABASE;
}

function isSqliteError(failure: unknown): failure is SqliteError {
  return failure instanceof Error && 'errcode' in failure && typeof failure.errcode === 'number';
}

function kindOf({ errcode }: SqliteError): number {
  return errcode & 0xff;
}

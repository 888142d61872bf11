import { isAbsolute } from 'node:path';
import { z } from 'zod';

const LOG_ACCEPTED = 'a whole number of MiB, 1 to 1,024';

const fields = {
  /** The file, made when it is not there. Its directory must be there, on a disk of this machine. */
  path: z.string('an absolute path').refine(isAbsolute, 'an absolute path'),
  /** How many calls may wait at once; one more is refused with `STORE_UNAVAILABLE`. Default 10,000. */
  waitingCountMax: z.int('a whole number, at least 1').min(1, 'a whole number, at least 1').default(10_000),
  /**
   * The size of the write-ahead log in MiB, 1 to 1,024. It is written in full when the store opens, which takes about 5 ms a MiB, and
   * used round and round: commits wait half as long on blocks that are there already. A larger one is copied into the file less
   * often and takes longer to be read after a crash. Default 16.
   */
  logMib: z.int(LOG_ACCEPTED).min(1, LOG_ACCEPTED).max(1_024, LOG_ACCEPTED).default(16),
  /** The clock by which leases and tokens expire, in milliseconds since the epoch. Default: the machine's. */
  now: z.custom<() => number>((value) => typeof value === 'function', 'a function').optional(),
};

export const sqliteOptions = z.strictObject(fields, `an object of ${Object.keys(fields).join(', ')}`);

export type SqliteStoreOptions = z.input<typeof sqliteOptions>;

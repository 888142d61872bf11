import { isAbsolute } from 'node:path';
import { ComputeError } from '@virtkit/core/store';
import { z } from 'zod';

const fields = {
  /** The file, made when it is not there. Its directory must be there, on a disk of this machine. */
  path: z.string('an absolute path').refine(isAbsolute, 'an absolute path'),
  /** How many calls may wait at once; one more is refused with `STORE_UNAVAILABLE`. Default 10,000. */
  waitingCountMax: z.int('a whole number, at least 1').min(1, 'a whole number, at least 1').default(10_000),
  /** The clock by which leases and tokens expire, in milliseconds since the epoch. Default: the machine's. */
  now: z.custom<() => number>((value) => typeof value === 'function', 'a function').optional(),
};

const sqliteOptions = z.strictObject(fields, `an object of ${Object.keys(fields).join(', ')}`);

export type SqliteStoreOptions = z.input<typeof sqliteOptions>;
export type CheckedOptions = z.output<typeof sqliteOptions>;

/** @throws ComputeError `INVALID_CONFIGURATION` that names the first field that is wrong */
export function checkOptions(options: unknown): CheckedOptions {
  const checked = sqliteOptions.safeParse(options);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const field = unknown ?? issue?.path.join('.') ?? '';
  throw new ComputeError('INVALID_CONFIGURATION', {
    field: field === '' ? 'options' : field,
    value: shown(valueAt(options, field)),
    accepted: unknown === undefined ? (issue?.message ?? 'other options') : `fields ${Object.keys(fields).join(', ')}`,
  });
}

function valueAt(options: unknown, field: string): unknown {
  if (field === '' || typeof options !== 'object' || options === null) return options;
  return (options as Readonly<Record<string, unknown>>)[field];
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
}

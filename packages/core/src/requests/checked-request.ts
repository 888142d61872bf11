import type { z } from 'zod';
import { isList, refusedValue } from '../driver/index.js';
import { keepAsGiven } from './as-given.js';
import { plainCopy } from './plain-copy.js';

/**
 * A value from outside as a schema reads it: plain data, with defaults filled in, and without fields that are `undefined`. Every argument of
 * the public methods passes here. `whole` is what the value is called where none of its fields is wrong.
 * @throws ComputeError `INVALID_INPUT`
 */
export function checkedRequest<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  whole = 'it',
): Checked<Schema> {
  const copy = isSingle(schema) && isObject(value) ? (isList(value) ? [] : {}) : plainCopy(value, whole, schema);
  const result = schema.safeParse(copy);
  if (!result.success) throw refusedValue(result.error.issues, copy, 'INVALID_INPUT', { whole });
  const checked = withoutUndefined(result.data) as Checked<Schema>;
  keepAsGiven(checked, copy);
  return checked;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Whether a schema takes a text, a number or a word alone: of an object nothing more need be looked at. */
function isSingle(schema: z.ZodType): boolean {
  return ['string', 'number', 'enum', 'literal'].includes(schema.type);
}

/** What a schema makes of a value: what a method behind a door is given. */
export type Checked<Schema extends z.ZodType> = WithoutUndefined<z.output<Schema>>;

/** zod says that an optional field may be there and `undefined`; ours are not there. */
type WithoutUndefined<Value> = Value extends object
  ? { [Field in keyof Value]: Exclude<Value[Field], undefined> }
  : Value;

function withoutUndefined(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  return entries.some(([, field]) => field === undefined)
    ? Object.fromEntries(entries.filter(([, field]) => field !== undefined))
    : value;
}

import { acceptedWords } from './accepted-words.js';
import { ComputeError } from './compute-error.js';
import type { ConfigurationSchema, SchemaIssue } from './driver-definition.js';

/** Longer values are cut: an error text is no place for a whole document. */
const VALUE_CHARACTERS_MAX = 80;
const NAME_CHARACTERS_MAX = 64;
const TEXT_CHARACTERS_MAX = 65_536;

type RefusalCode = 'INVALID_INPUT' | 'INVALID_CONFIGURATION';

/**
 * A value as its schema reads it. Any Standard Schema will do; the message of an issue says what is accepted. `root` is what the value as
 * a whole is called, where it is a part of something.
 * @throws ComputeError with the code: which field is wrong first, what it holds, what is accepted
 */
export async function checkedValue<Output>(
  schema: ConfigurationSchema<Output>,
  value: unknown,
  code: RefusalCode,
  root = '',
): Promise<Output> {
  const result = await schema['~standard'].validate(value);
  if (!result.issues) return result.value;
  throw refusedValue(result.issues, value, code, { root });
}

/**
 * The error for a value with which a schema has these issues. `whole` is what the value is called where none of its fields is wrong.
 * Values under names of secrets are not shown.
 */
export function refusedValue(
  issues: readonly SchemaIssue[],
  value: unknown,
  code: RefusalCode,
  { root = '', whole = 'it' }: { readonly root?: string; readonly whole?: string } = {},
): ComputeError {
  const [issue = { message: 'another value' }] = issues;
  const unknownField = unknownFieldOf(issue);
  const path = [...pathOf(issue), ...(unknownField === undefined ? [] : [unknownField])];
  const field = path.reduce<string>(fieldName, root);
  const held = valueAt(value, path);
  const isMeasure = typeof held === 'number' && measureNames.test(field);
  const isSecret = secretNames.test(field === '' ? whole : field) && !isMeasure;
  return new ComputeError(code, {
    field: field === '' ? whole : field,
    value: isSecret ? '[redacted]' : printed(held),
    accepted: unknownField === undefined ? acceptedWords(issue) : acceptedInPlaceOf(issue),
  });
}

/** A value as it fits into a sentence: cut, on one line, and without running any of its code. */
export function printed(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'missing';
    case 'string':
      // To cut it, one that was put together of others would be copied whole first.
      if (value.length > TEXT_CHARACTERS_MAX) return `a text of ${value.length} characters`;
      return value.length > VALUE_CHARACTERS_MAX
        ? `${JSON.stringify(value.slice(0, VALUE_CHARACTERS_MAX - 1)).slice(0, -1)}…`
        : JSON.stringify(value);
    case 'object':
      return value === null ? 'null' : isList(value) ? 'a list' : 'an object';
    case 'function':
      return 'a function';
    case 'symbol':
      return 'a symbol';
    case 'bigint':
      return 'a bigint';
    default:
      return String(value);
  }
}

/** A name as it fits into a sentence. */
export function printedName(name: PropertyKey): string {
  const text = typeof name === 'symbol' ? 'a symbol' : String(name);
  return text.length > NAME_CHARACTERS_MAX ? `${text.slice(0, NAME_CHARACTERS_MAX)}…` : text;
}

const secretNames = /pass(word|phrase)|secret|token/i;
/** A number under such a name measures something: `tokenMs` is how long a token lasts. */
const measureNames = /(?:Ms|Count|Bytes|Max|Min)$/;

/** A proxy that was revoked cannot even be asked whether it is a list. */
export function isList(value: object): boolean {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

function pathOf({ path = [] }: SchemaIssue): readonly PropertyKey[] {
  return path.map((each) => (typeof each === 'object' ? each.key : each));
}

/** The first of the fields that the schema does not know: zod tells of them beside the path. */
function unknownFieldOf(issue: SchemaIssue & { readonly keys?: unknown }): string | undefined {
  const [field] = Array.isArray(issue.keys) ? (issue.keys as unknown[]) : [];
  return typeof field === 'string' ? field : undefined;
}

/** The schema may know the nearest name; what zod says by itself is for programmers. */
function acceptedInPlaceOf({ message }: SchemaIssue): string {
  return message.startsWith('no field') ? message : 'no field of this name';
}

function fieldName(name: string, key: PropertyKey): string {
  if (typeof key === 'number') return `${name}[${key}]`;
  return name === '' ? printedName(key) : `${name}.${printedName(key)}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}

import { ComputeError } from './compute-error.js';
import type { ConfigurationSchema, SchemaIssue } from './driver-definition.js';

/** Longer values are cut: an error text is no place for a whole document. */
const VALUE_CHARACTERS_MAX = 80;

/**
 * A value as its schema reads it. Any Standard Schema will do; the message of an issue says what is accepted. `root` is what the value as
 * a whole is called, where it is a part of something.
 * @throws ComputeError with the code: which field is wrong first, what it holds, what is accepted
 */
export async function checkedValue<Output>(
  schema: ConfigurationSchema<Output>,
  value: unknown,
  code: 'INVALID_INPUT' | 'INVALID_CONFIGURATION',
  root = '',
): Promise<Output> {
  const result = await schema['~standard'].validate(value);
  if (!result.issues) return result.value;
  const [issue = { message: 'another value' }] = result.issues;
  const unknownField = unknownFieldOf(issue);
  const path = [...pathOf(issue), ...(unknownField === undefined ? [] : [unknownField])];
  const field = path.reduce<string>(fieldName, root);
  throw new ComputeError(code, {
    field: field === '' ? 'it' : field,
    value: printed(valueAt(value, path)),
    accepted: unknownField === undefined ? issue.message : 'no field of this name',
  });
}

/** A value as it fits into a sentence. */
export function printed(value: unknown): string {
  const text = textOf(value);
  return text.length > VALUE_CHARACTERS_MAX ? `${text.slice(0, VALUE_CHARACTERS_MAX)}…` : text;
}

function pathOf({ path = [] }: SchemaIssue): readonly PropertyKey[] {
  return path.map((each) => (typeof each === 'object' ? each.key : each));
}

/** The first of the fields that the schema does not know: zod tells of them beside the path. */
function unknownFieldOf(issue: SchemaIssue & { readonly keys?: unknown }): string | undefined {
  const [field] = Array.isArray(issue.keys) ? (issue.keys as unknown[]) : [];
  return typeof field === 'string' ? field : undefined;
}

function fieldName(name: string, key: PropertyKey): string {
  if (typeof key === 'number') return `${name}[${key}]`;
  return name === '' ? String(key) : `${name}.${String(key)}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}

function textOf(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'missing';
    case 'string':
      return `"${value}"`;
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? 'a list' : 'an object';
    case 'function':
      return 'a function';
    default:
      return String(value);
  }
}

import type { ConfigurationSchema, SchemaIssue } from '../driver/index.js';

/** The first thing wrong with a value: which field, what it holds, what is accepted. */
export interface InputProblem {
  readonly field: string;
  readonly value: string;
  readonly accepted: string;
}

/** Longer values are cut: an error text is no place for a whole document. */
const VALUE_CHARACTERS_MAX = 80;

/** Checks a value with any Standard Schema. Answers with the checked value, or with the first problem. */
export async function checkInput<Output>(
  schema: ConfigurationSchema<Output>,
  value: unknown,
  root: string,
): Promise<{ readonly value: Output } | { readonly problem: InputProblem }> {
  const result = await schema['~standard'].validate(value);
  if (!result.issues) return { value: result.value };
  const [issue] = result.issues;
  return { problem: problemOf(issue ?? { message: 'another value' }, value, root) };
}

function problemOf({ message, path = [] }: SchemaIssue, value: unknown, root: string): InputProblem {
  const keys = path.map((each) => (typeof each === 'object' ? each.key : each));
  const field = keys.reduce<string>(
    (name, key) => (typeof key === 'number' ? `${name}[${key}]` : name === '' ? String(key) : `${name}.${String(key)}`),
    root,
  );
  return { field: field || 'it', value: printed(valueAt(value, keys)), accepted: message };
}

function valueAt(value: unknown, keys: readonly PropertyKey[]): unknown {
  return keys.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}

/** A value as it fits into a sentence. */
export function printed(value: unknown): string {
  const text = textOf(value);
  return text.length > VALUE_CHARACTERS_MAX ? `${text.slice(0, VALUE_CHARACTERS_MAX)}…` : text;
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

import { ComputeError } from '@virtkit/core/providers';
import type { z } from 'zod';

/** Longer values are cut: an error text is no place for a whole document. */
const VALUE_CHARACTERS_MAX = 80;

/**
 * The value as its schema reads it, before anything has changed.
 * @throws ComputeError with the code, naming the first field that is wrong, its value and what is accepted
 */
export function checkValue<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  code: 'INVALID_INPUT' | 'INVALID_CONFIGURATION',
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path ?? [];
  const field = path.reduce<string>(
    (name, key) => (typeof key === 'number' ? `${name}[${key}]` : name === '' ? String(key) : `${name}.${String(key)}`),
    '',
  );
  throw new ComputeError(code, {
    field: field === '' ? 'it' : field,
    value: printed(valueAt(value, path)),
    accepted: issue?.message ?? 'another value',
  });
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}

/** A value as it fits into a sentence. */
function printed(value: unknown): string {
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

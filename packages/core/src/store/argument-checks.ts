import { ComputeError } from '../driver/index.js';
import { printed } from '../driver/checked-value.js';

/** Refuses what is not accepted. `field` is the name of the value. @throws ComputeError `INVALID_INPUT` */
export type Check = (value: unknown, field: string) => void;

/** Keys are written into every index. The longest that anybody has a reason for is far below. */
const TEXT_CHARACTERS_MAX = 65_536;

export function text(value: unknown, field: string): void {
  if (typeof value === 'string' && value.length <= TEXT_CHARACTERS_MAX) return;
  throw invalid(field, value, `a text of at most ${TEXT_CHARACTERS_MAX} characters`);
}

export function whole(value: unknown, field: string): void {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return;
  throw invalid(field, value, 'a whole number, 0 or more');
}

export function duration(value: unknown, field: string): void {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return;
  throw invalid(field, value, 'milliseconds, 0 or more');
}

export function oneOf(...accepted: readonly string[]): Check {
  return (value, field) => {
    if (typeof value !== 'string' || !accepted.includes(value)) throw invalid(field, value, accepted.join(' or '));
  };
}

export function optional(check: Check): Check {
  return (value, field) => {
    if (value !== undefined) check(value, field);
  };
}

export function nullOr(check: Check): Check {
  return (value, field) => {
    if (value !== null) check(value, field);
  };
}

export function listOf(check: Check): Check {
  return (value, field) => {
    if (!Array.isArray(value)) throw invalid(field, value, 'a list');
    for (const [index, each] of value.entries()) check(each, `${field}[${index}]`);
  };
}

/** An object with these fields, and no others. */
export function only(fields: Readonly<Record<string, Check>>): Check {
  const withFields = shape(fields);
  return (value, field) => {
    withFields(value, field);
    const unknown = Object.keys(value as object).find((key) => !Object.hasOwn(fields, key));
    if (unknown !== undefined) {
      throw invalid(field, unknown, `no fields but ${Object.keys(fields).join(', ')}`);
    }
  };
}

/** An object that has at least these fields. */
export function shape(fields: Readonly<Record<string, Check>>): Check {
  const checks = Object.entries(fields);
  return (value, field) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(field, value, 'an object');
    for (const [name, check] of checks) check((value as Record<string, unknown>)[name], `${field}.${name}`);
  };
}

function invalid(field: string, value: unknown, accepted: string): ComputeError<'INVALID_INPUT'> {
  return new ComputeError('INVALID_INPUT', { field, value: printed(value), accepted }, { effect: 'none' });
}

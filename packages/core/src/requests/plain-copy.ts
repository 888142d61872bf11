import { types } from 'node:util';
import { ComputeError, printed, printedName, Secret } from '../driver/index.js';

/** What a single argument may hold at most. Schemas are stricter; this bounds what they are given to read. */
const limits = {
  /** Fields of an object: Nova's `quota.metadata_items` is 128. */
  fieldsMax: 128,
  listLengthMax: 128,
  /** User data is the longest text there is: 64 KiB. */
  textLengthMax: 65_536,
  depthMax: 8,
  valuesMax: 4_096,
} as const;

/** Names that mean the prototype to some reader of the value. */
const prototypeNames: readonly string[] = ['__proto__', 'constructor', 'prototype'];

/**
 * A copy of what a caller has given: plain data within the limits of a request. Sizes and counts are looked at before contents, and each
 * field is read once, so that a value that answers differently the second time is checked and used as one and the same. A `Secret` and an
 * `AbortSignal` stay what they are. `whole` is what the value is called in an error.
 * @throws ComputeError `INVALID_INPUT`
 */
export function plainCopy(value: unknown, whole: string): unknown {
  try {
    return new Copying().of(value, '', 0);
  } catch (failure) {
    if (!(failure instanceof Refusal)) throw failure;
    const { field, value: shown, accepted } = failure;
    throw new ComputeError('INVALID_INPUT', { field: field === '' ? whole : field, value: shown, accepted });
  }
}

class Copying {
  #valuesLeft: number = limits.valuesMax;

  of(value: unknown, name: string, depth: number): unknown {
    this.#valuesLeft -= 1;
    if (this.#valuesLeft < 0) throw new Refusal(name, printed(value), `at most ${limits.valuesMax} values`);
    if (typeof value === 'string' && value.length > limits.textLengthMax) {
      throw new Refusal(name, printed(value), `at most ${limits.textLengthMax} characters`);
    }
    if (typeof value !== 'object' || value === null) return value;
    if (depth >= limits.depthMax) throw new Refusal(name, printed(value), `at most ${limits.depthMax} levels`);
    try {
      return this.#object(value, name, depth);
    } catch (failure) {
      if (failure instanceof Refusal) throw failure;
      // Accessors and proxies of the caller may throw anything.
      throw new Refusal(name, 'a value that cannot be read', 'plain data');
    }
  }

  #object(object: object, name: string, depth: number): unknown {
    if (Array.isArray(object)) return this.#list(object, name, depth);
    if (!types.isProxy(object) && (object instanceof Secret || object instanceof AbortSignal)) return object;
    if (isContainer(object)) throw new Refusal(name, 'an object of another kind', 'plain data');
    return this.#record(object, name, depth);
  }

  #list(list: readonly unknown[], name: string, depth: number): readonly unknown[] {
    const { length } = list;
    if (length > limits.listLengthMax) {
      throw new Refusal(name, `a list of ${length}`, `a list of at most ${limits.listLengthMax}`);
    }
    return Array.from({ length }, (_, index) => this.of(list[index], `${name}[${index}]`, depth + 1));
  }

  #record(record: object, name: string, depth: number): object {
    const copy: Record<string, unknown> = {};
    let count = 0;
    for (const key in record) {
      if (!Object.hasOwn(record, key)) continue;
      count += 1;
      if (count > limits.fieldsMax) {
        throw new Refusal(name, 'an object of more fields', `an object of at most ${limits.fieldsMax} fields`);
      }
      const field = name === '' ? printedName(key) : `${name}.${printedName(key)}`;
      if (prototypeNames.includes(key)) throw new Refusal(field, 'given', 'no field of this name');
      copy[key] = this.of((record as Readonly<Record<string, unknown>>)[key], field, depth + 1);
    }
    return copy;
  }
}

/** Told from what the caller's own code throws. */
class Refusal extends Error {
  readonly field: string;
  readonly value: string;
  readonly accepted: string;

  constructor(field: string, value: string, accepted: string) {
    super(accepted);
    this.field = field;
    this.value = value;
    this.accepted = accepted;
  }
}

/** What holds its contents elsewhere than in fields. */
function isContainer(value: object): boolean {
  return (
    types.isMap(value) ||
    types.isSet(value) ||
    types.isDate(value) ||
    types.isRegExp(value) ||
    types.isPromise(value) ||
    value instanceof Error ||
    types.isBoxedPrimitive(value) ||
    types.isAnyArrayBuffer(value) ||
    ArrayBuffer.isView(value)
  );
}

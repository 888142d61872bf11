import { types } from 'node:util';
import type { z } from 'zod';
import { ComputeError, printed, printedName, refusedValue, Secret } from '../driver/index.js';
import { expectedBy } from './expected-value.js';

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
 * A copy of what a caller has given for a schema: plain data within the limits of a request. Sizes and counts are looked at before contents.
 * The fields that the schema knows are copied and checked first: to list the fields of an object takes V8 time for each of them, before the
 * first is told. Each field is read once, so that a value that answers differently the second time is checked and used as one and the same. A `Secret` and an
 * `AbortSignal` stay what they are. `whole` is what the value is called in an error.
 * @throws ComputeError `INVALID_INPUT`
 */
export function plainCopy(value: unknown, whole: string, schema?: z.ZodType): unknown {
  try {
    return new Copying(whole).of(value, { name: '', depth: 0, schema });
  } catch (failure) {
    if (!(failure instanceof Refusal)) throw failure;
    const { field, value: shown, accepted } = failure;
    throw new ComputeError('INVALID_INPUT', { field: field === '' ? whole : field, value: shown, accepted });
  }
}

/** Where a value stands, and what is expected there. */
interface Place {
  readonly name: string;
  readonly depth: number;
  readonly schema: z.ZodType | undefined;
}

class Copying {
  readonly #whole: string;
  #valuesLeft: number = limits.valuesMax;

  constructor(whole: string) {
    this.#whole = whole;
  }

  of(value: unknown, place: Place): unknown {
    const { name, depth } = place;
    this.#valuesLeft -= 1;
    if (this.#valuesLeft < 0) throw new Refusal(name, printed(value), `at most ${limits.valuesMax} values`);
    if (typeof value === 'string' && value.length > limits.textLengthMax) {
      throw new Refusal(name, printed(value), `at most ${limits.textLengthMax} characters`);
    }
    if (typeof value !== 'object' || value === null) return value;
    if (depth >= limits.depthMax) throw new Refusal(name, printed(value), `at most ${limits.depthMax} levels`);
    try {
      return this.#object(value, place);
    } catch (failure) {
      if (failure instanceof Refusal || isOwn(failure)) throw failure;
      // Accessors and proxies of the caller may throw anything.
      throw new Refusal(name, 'a value that cannot be read', 'plain data');
    }
  }

  #object(object: object, place: Place): unknown {
    const { name } = place;
    const expected = expectedBy(place.schema);
    if (Array.isArray(object)) return expected?.kind === 'single' ? [] : this.#list(object, place);
    if (!types.isProxy(object) && (object instanceof Secret || object instanceof AbortSignal)) return object;
    if (isContainer(object)) throw new Refusal(name, 'an object of another kind', 'plain data');
    if (expected?.kind === 'single') return {};
    return this.#record(object, place);
  }

  #list(list: readonly unknown[], { name, depth, schema }: Place): readonly unknown[] {
    const expected = expectedBy(schema);
    const of = expected?.kind === 'list' ? expected.of : undefined;
    const { length } = list;
    if (length > limits.listLengthMax) {
      throw new Refusal(name, `a list of ${length}`, `a list of at most ${limits.listLengthMax}`);
    }
    return Array.from({ length }, (_, index) =>
      this.of(list[index], { name: `${name}[${index}]`, depth: depth + 1, schema: of }),
    );
  }

  #record(record: object, place: Place): object {
    const { name, depth } = place;
    const expected = expectedBy(place.schema);
    const of = expected?.kind === 'record' ? expected.of : undefined;
    const known = this.#known(record, place);
    // In the caller's order: the digests of the first release were made of it.
    const copy: Record<string, unknown> = {};
    let count = 0;
    for (const key in record) {
      const isKnown = Object.hasOwn(known, key);
      if (!isKnown && !Object.hasOwn(record, key)) continue;
      count += 1;
      if (count > limits.fieldsMax) {
        throw new Refusal(name, 'an object of more fields', `an object of at most ${limits.fieldsMax} fields`);
      }
      const field = name === '' ? printedName(key) : `${name}.${printedName(key)}`;
      if (prototypeNames.includes(key)) throw new Refusal(field, 'given', 'no field of this name');
      copy[key] = isKnown
        ? known[key]
        : this.of((record as Fields)[key], { name: field, depth: depth + 1, schema: of });
    }
    return copy;
  }

  /** The fields that are expected by name, when nothing is missing or wrong among them. */
  #known(record: object, { name, depth, schema }: Place): Record<string, unknown> {
    const copy: Record<string, unknown> = {};
    const expected = expectedBy(schema);
    if (expected?.kind !== 'fields') return copy;
    for (const [key, of] of Object.entries(expected.shape)) {
      if (!Object.prototype.propertyIsEnumerable.call(record, key)) continue;
      const field = name === '' ? key : `${name}.${key}`;
      copy[key] = this.of((record as Fields)[key], { name: field, depth: depth + 1, schema: of });
    }
    const result = expected.schema.safeParse(copy);
    if (result.success) return copy;
    const refused = refusedValue(result.error.issues, copy, 'INVALID_INPUT', { root: name, whole: this.#whole });
    own.add(refused);
    throw refused;
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** Refusals of schemas, told from what the caller's own code throws. */
const own = new WeakSet<object>();
const isOwn = (failure: unknown): boolean => typeof failure === 'object' && failure !== null && own.has(failure);

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

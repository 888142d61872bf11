import { types } from 'node:util';
import { entityKindOf, type ImageRef, type InstanceRef, type MigrationRef } from './entity.js';
import { isSecret, namesSecret, redacted } from './secret.js';

/** How much of a value is shown. Together these bound the size of the result, whatever the value is. */
export interface RedactLimits {
  /** How many levels of objects within objects. */
  readonly depthMax: number;
  /** How many entries of each object, array, Map or Set. */
  readonly entriesMax: number;
  /** How many characters of each string and each name. */
  readonly stringLengthMax: number;
  /** How many values altogether. */
  readonly valuesMax: number;
}

export const redactLimitsDefault: RedactLimits = {
  depthMax: 6,
  entriesMax: 64,
  stringLengthMax: 1024,
  valuesMax: 1000,
};

/**
 * A copy of `value` for the eyes of operators: plain data, bounded in size, and without secrets.
 *
 * Left out are what is marked with `secretBrand`, what is kept under a name that tells of a secret (`adminPass`,
 * `auth_token`), contexts, and the texts of errors. Instances, migrations and images become their ids. What a string
 * says is not looked into, so a secret in the middle of a text stays.
 *
 * It never throws, and runs none of the value's code but that of an entity's id: no getter, no `toJSON`, no iterator,
 * no proxy.
 */
export function redact(value: unknown, limits: Partial<RedactLimits> = {}): unknown {
  return new Redaction({ ...redactLimitsDefault, ...limits }).of(value);
}

class Redaction {
  readonly #limits: RedactLimits;
  /** The objects that hold the present value, outermost first. */
  readonly #holders: object[] = [];
  #valuesLeft: number;

  constructor(limits: RedactLimits) {
    this.#limits = limits;
    this.#valuesLeft = limits.valuesMax;
  }

  of(value: unknown): unknown {
    if (this.#valuesLeft <= 0) return '[more]';
    this.#valuesLeft -= 1;
    switch (typeof value) {
      case 'string':
        return this.#text(value);
      case 'number':
        return Number.isFinite(value) ? value : String(value);
      case 'bigint':
        return this.#text(`${value}n`);
      case 'symbol':
        return '[symbol]';
      case 'object':
      case 'function':
        return value === null ? null : this.#guarded(value);
      default:
        return value;
    }
  }

  #guarded(value: object): unknown {
    try {
      return this.#object(value);
    } catch {
      // An entity whose id throws, or an object with a proxy further up its prototype chain.
      return '[unreadable]';
    }
  }

  #object(value: object): unknown {
    if (types.isProxy(value)) return '[proxy]';
    if (isSecret(value)) return redacted;
    if (typeof value === 'function') return '[function]';
    if (value instanceof Error) return `[${this.#text(classNameOf(value))}]`;
    if (types.isDate(value)) return dateText(value);
    if (types.isAnyArrayBuffer(value) || ArrayBuffer.isView(value)) return '[bytes]';
    switch (entityKindOf(value)) {
      case 'context':
        return '[context]';
      case 'instance':
        return { instance: this.of((value as InstanceRef).uuid) };
      case 'migration':
        return { migration: this.of((value as MigrationRef).uuid) };
      case 'image':
        return { image: this.of((value as ImageRef).id) };
      default:
        return this.#container(value);
    }
  }

  #container(value: object): unknown {
    if (this.#holders.includes(value)) return '[circular]';
    if (this.#holders.length >= this.#limits.depthMax) return '[deeper]';
    this.#holders.push(value);
    try {
      if (Array.isArray(value)) return this.#array(value);
      if (types.isMap(value)) return this.#map(value);
      if (types.isSet(value)) return this.#set(value);
      return this.#record(value);
    } finally {
      this.#holders.pop();
    }
  }

  #array(array: readonly unknown[]): readonly unknown[] {
    const shown = Array.from({ length: Math.min(array.length, this.#limits.entriesMax) }, (_, index) =>
      this.#property(array, index),
    );
    return [...shown, ...this.#rest(array.length)];
  }

  #map(map: ReadonlyMap<unknown, unknown>): readonly unknown[] {
    const shown = firstOf(Map.prototype.entries.call(map), this.#limits.entriesMax).map(([name, value]) => [
      this.of(name),
      typeof name === 'string' && namesSecret(name, value) ? redacted : this.of(value),
    ]);
    return [...shown, ...this.#rest(sizeOf(map))];
  }

  #set(set: ReadonlySet<unknown>): readonly unknown[] {
    const shown = firstOf(Set.prototype.values.call(set), this.#limits.entriesMax).map((value) => this.of(value));
    return [...shown, ...this.#rest(sizeOf(set))];
  }

  /** `fromEntries` defines each property, so that one named `__proto__` is a property like any other. */
  #record(record: object): object {
    const names = Object.keys(record);
    const shown = names
      .slice(0, this.#limits.entriesMax)
      .map((name) => [this.#text(name), this.#entry(record, name)] as const);
    const [rest] = this.#rest(names.length);
    return Object.fromEntries(rest === undefined ? shown : [...shown, ['...', rest]]);
  }

  #entry(record: object, name: string): unknown {
    const value: unknown = Object.getOwnPropertyDescriptor(record, name)?.value;
    return namesSecret(name, value) ? redacted : this.#property(record, name);
  }

  #property(holder: object, name: PropertyKey): unknown {
    const property = Object.getOwnPropertyDescriptor(holder, name);
    return property?.get !== undefined ? '[getter]' : this.of(property?.value);
  }

  #text(text: string): string {
    if (text.length <= this.#limits.stringLengthMax) return text;
    // Half of a character that takes two code units is no character.
    const shown = text.slice(0, this.#limits.stringLengthMax).replace(/[\uD800-\uDBFF]$/, '');
    return `${shown}[${text.length - shown.length} more]`;
  }

  #rest(size: number): readonly string[] {
    return size > this.#limits.entriesMax ? [`[${size - this.#limits.entriesMax} more]`] : [];
  }
}

function firstOf<T>(values: Iterator<T>, countMax: number): readonly T[] {
  const first: T[] = [];
  for (let next = values.next(); !next.done && first.length < countMax; next = values.next()) first.push(next.value);
  return first;
}

/** By the getter of Map and Set themselves, which a subclass may have overridden. */
function sizeOf(collection: ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>): number {
  return Reflect.get(types.isMap(collection) ? Map.prototype : Set.prototype, 'size', collection);
}

function dateText(date: Date): string {
  const timeMs = Date.prototype.getTime.call(date);
  return Number.isNaN(timeMs) ? '[no date]' : new Date(timeMs).toISOString();
}

function classNameOf(error: Error): string {
  const constructor = dataProperty(Object.getPrototypeOf(error) as object, 'constructor');
  const name = typeof constructor === 'function' ? dataProperty(constructor, 'name') : undefined;
  return typeof name === 'string' ? name : 'Error';
}

function dataProperty(holder: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(holder, name)?.value;
}

import { types } from 'node:util';
import { Secret } from '../driver/index.js';
import type { AnswerCheck } from './answer-shapes.js';

const limits = {
  /** A console's output is bytes; no text of an answer is as long as this. */
  textLengthMax: 1_048_576,
  depthMax: 16,
  /** More than the guests of the largest host. */
  valuesMax: 2_000_000,
} as const;

/** Names that mean the prototype to some reader of the value. */
const prototypeNames: readonly string[] = ['__proto__', 'constructor', 'prototype'];

export const refusedAnswer: unique symbol = Symbol('refused answer');

/**
 * What a driver or a provider has answered: a copy of it, plain data whose fields were each read once, when it has the shape that the table asks
 * for. A method that is not in the table answers with nothing. {@link refusedAnswer} for all else, also for an answer that cannot be read.
 */
export function checkedAnswer(table: Readonly<Record<string, AnswerCheck>>, method: string, answer: unknown): unknown {
  const check = Object.hasOwn(table, method) ? table[method] : undefined;
  if (check === undefined) return undefined;
  try {
    const copy = new Copying().of(answer, 0);
    return check(copy) ? copy : refusedAnswer;
  } catch {
    // Accessors may throw anything, and so does the copying of what is no data.
    return refusedAnswer;
  }
}

class Copying {
  #valuesLeft: number = limits.valuesMax;

  of(value: unknown, depth: number): unknown {
    this.#valuesLeft -= 1;
    if (this.#valuesLeft < 0 || depth > limits.depthMax) throw new RangeError('the answer is too large');
    switch (typeof value) {
      case 'string':
        if (value.length > limits.textLengthMax) throw new RangeError('a text of the answer is too long');
        return value;
      case 'function':
      case 'symbol':
        throw new TypeError('the answer is no data');
      case 'object':
        return value === null ? null : this.#object(value, depth);
      default:
        return value;
    }
  }

  #object(object: object, depth: number): unknown {
    if (types.isProxy(object)) throw new TypeError('the answer is a proxy');
    if (types.isUint8Array(object) || object instanceof Secret) return object;
    if (Array.isArray(object)) {
      return Array.from({ length: object.length }, (_, index) => this.of((object as unknown[])[index], depth + 1));
    }
    const copy: Record<string, unknown> = {};
    for (const key of Object.keys(object)) {
      if (prototypeNames.includes(key)) throw new TypeError('the answer names a prototype');
      copy[key] = this.of((object as Readonly<Record<string, unknown>>)[key], depth + 1);
    }
    return copy;
  }
}

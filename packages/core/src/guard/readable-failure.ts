import { types } from 'node:util';
import { causeOf } from '../driver/index.js';

/** As in records of operators: a longer chain of causes repeats itself. */
const CAUSE_COUNT_MAX = 16;
const PROTOTYPE_COUNT_MAX = 16;
const TEXT_CHARACTERS_MAX = 65_536;
const SHOWN_CHARACTERS_MAX = 1_000;

/**
 * What a driver, a provider or a store has thrown, when it can be read with all its causes: no proxy, nothing that throws when it is read, no
 * endless text. Otherwise an error in its place, with the beginning of its message. Never throws.
 */
export function readableFailure(failure: unknown): unknown {
  try {
    return isReadable(failure) ? failure : standIn(failure);
  } catch {
    return standIn(undefined);
  }
}

function isReadable(failure: unknown): boolean {
  let each = failure;
  for (let count = 0; each !== undefined && count < CAUSE_COUNT_MAX; count++) {
    if (isObject(each) ? !isReadableObject(each) : !isShort(each)) return false;
    each = causeOf(each);
  }
  return true;
}

function isReadableObject(object: object): boolean {
  if (!isOfNoProxy(object)) return false;
  if (!(object instanceof Error)) return true;
  const { name, message, stack } = object;
  const { code } = object as { readonly code?: unknown };
  return typeof name === 'string' && typeof message === 'string' && [name, message, stack, code].every(isShort);
}

/** A proxy among the prototypes runs its own code whenever a field is looked for. */
function isOfNoProxy(object: object): boolean {
  let each: object | null = object;
  for (let count = 0; each !== null && count < PROTOTYPE_COUNT_MAX; count++) {
    if (types.isProxy(each)) return false;
    each = Object.getPrototypeOf(each) as object | null;
  }
  return each === null;
}

function isShort(value: unknown): boolean {
  return typeof value !== 'string' || value.length <= TEXT_CHARACTERS_MAX;
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function standIn(failure: unknown): Error {
  const words = typeof failure === 'string' ? failure : messageOf(failure);
  return new Error(`a failure that cannot be read as it is: ${words.slice(0, SHOWN_CHARACTERS_MAX)}`);
}

function messageOf(failure: unknown): string {
  if (!isObject(failure) || !isOfNoProxy(failure)) return '';
  const message = Object.getOwnPropertyDescriptor(failure, 'message')?.value as unknown;
  return typeof message === 'string' ? message : '';
}

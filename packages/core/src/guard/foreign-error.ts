import { types } from 'node:util';
import { ComputeError } from '../driver/index.js';

export type Details = Readonly<Record<string, unknown>>;

/** More than any code has, and longer than any list of states. */
const DETAIL_COUNT_MAX = 8;
const LIST_LENGTH_MAX = 64;
const TEXT_CHARACTERS_MAX = 1_024;
const STACK_CHARACTERS_MAX = 65_536;

/** The details of an error that somebody else has made, when they are plain: texts, numbers and lists of texts, and no accessors. */
export function plainDetails({ details }: ComputeError): Details | undefined {
  if (!isPlainObject(details)) return undefined;
  const fields = Object.entries(Object.getOwnPropertyDescriptors(details));
  const isPlain = fields.length <= DETAIL_COUNT_MAX && fields.every(([, field]) => isPlainField(field));
  return isPlain ? details : undefined;
}

function isPlainObject(value: unknown): value is Details {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.getOwnPropertySymbols(value).length === 0;
}

function isPlainField({ value }: PropertyDescriptor): boolean {
  if (typeof value === 'number') return true;
  if (typeof value === 'string') return value.length <= TEXT_CHARACTERS_MAX;
  if (!Array.isArray(value) || types.isProxy(value) || value.length > LIST_LENGTH_MAX) return false;
  Object.freeze(value);
  return Object.values(Object.getOwnPropertyDescriptors(value)).every(
    ({ value: each }) => typeof each === 'number' || (typeof each === 'string' && each.length <= TEXT_CHARACTERS_MAX),
  );
}

/** What an error of ours has. All else that hangs on one is shown by whatever prints it. */
const fields: readonly PropertyKey[] = ['stack', 'message', 'name', 'code', 'details', 'effect', 'cause'];

/** Whether an error is as its constructor made it: this text, its stack, and nothing hung on it that printing or cloning shows. */
export function isPlainError(failure: ComputeError, text: string): boolean {
  if (Object.getPrototypeOf(failure) !== ComputeError.prototype || !Object.isExtensible(failure)) return false;
  const own = Reflect.ownKeys(failure).map((key) => [key, Object.getOwnPropertyDescriptor(failure, key)] as const);
  const isOurs = own.every(([key, field]) => isOwnSymbol(key) || (fields.includes(key) && isOwnField(key, field)));
  return isOurs && failure.name === 'ComputeError' && failure.message === text && isOwnStack(failure.stack, text);
}

/** Every field of an error holds a plain value, but for its stack, which V8 makes when it is first read. */
function isOwnField(key: PropertyKey, field: PropertyDescriptor | undefined): boolean {
  return key === 'stack' || (field !== undefined && 'value' in field && field.configurable === true);
}

function isOwnSymbol(key: PropertyKey): boolean {
  return typeof key === 'symbol' && Symbol.keyFor(key)?.startsWith('virtkit.') === true;
}

function isOwnStack(stack: unknown, text: string): boolean {
  if (stack === undefined) return true;
  if (typeof stack !== 'string' || stack.length > STACK_CHARACTERS_MAX) return false;
  // V8 writes the first line before the constructor has set the name.
  const head = /^(?:Compute)?Error: /.exec(stack)?.[0];
  if (head === undefined || !stack.startsWith(text, head.length)) return false;
  const [rest, ...frames] = stack.slice(head.length + text.length).split('\n');
  return rest === '' && frames.every((frame) => frame.startsWith('    at '));
}

import {
  addOperatorFacts,
  ComputeError,
  computeErrors,
  operatorFactsOf,
  type ComputeErrorCode,
} from '../driver/index.js';
import { driverCalls } from './driver-call-table.js';
import { operations } from '../model/operation-table.js';
import { closedDetails } from './closed-details.js';
import { internalErrorOf } from './foreign-failure.js';
import { textsIn } from './texts-in.js';

/** The call that failed, as the guard knows it. */
export interface FailedCall {
  readonly method: string;
  readonly instanceUuid?: string | undefined;
  readonly args: readonly unknown[];
}

type Details = Readonly<Record<string, unknown>>;

/**
 * An error that a driver, a provider or a store has made, when its details say nothing but what a tenant may read: words of the closed sets,
 * numbers, what the call itself was given. What the guard knows better it sets. What does not fit becomes `INTERNAL`, the error itself its
 * cause.
 */
export function fittingFailure(failure: ComputeError, call: FailedCall): ComputeError {
  if (!Object.hasOwn(computeErrors, failure.code) || !isObject(failure.details)) return internalErrorOf(failure);
  const details = known(failure.details, call);
  const names = Object.entries(details);
  if (!names.every(([name, value]) => fits(failure.code, name, value, call))) return internalErrorOf(failure);
  const isAsMade = details === failure.details && failure.message === textOf(failure.code, details);
  return isAsMade ? failure : remade(failure, details);
}

/** The details with what the guard knows; the same object when it says so already. */
function known(details: Details, { method, instanceUuid }: FailedCall): Details {
  const { operation, instanceUuid: named } = details;
  const isKnownOperation = operation === undefined || (typeof operation === 'string' && verbs.has(operation));
  const isMeant = named === undefined || instanceUuid === undefined || named === instanceUuid;
  if (isKnownOperation && isMeant) return details;
  return { ...details, ...(!isKnownOperation && { operation: method }), ...(!isMeant && { instanceUuid }) };
}

const verbs: ReadonlySet<string> = new Set([
  ...Object.keys(driverCalls),
  ...Object.values(operations).map(({ verb }) => verb),
  'clean up',
]);

function fits(code: ComputeErrorCode, name: string, value: unknown, call: FailedCall): boolean {
  const closed = closedDetails[`${code}.${name}`];
  if (closed) return typeof value === 'string' && closed.includes(value);
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every((each) => isFitText(each, call));
  return name === 'operation' || isFitText(value, call);
}

/** Letters, digits and what stands between words: no path, no address, no markup. */
const plainWords = /^[\w ,;()%<>='’+-]{1,255}$|^[\w-]+([.[\]\w-]+)*$/u;
const address = /\d+[.]\d+[.]\d+|[/\\]|::/u;

function isFitText(value: unknown, { method, args }: FailedCall): boolean {
  if (typeof value !== 'string') return false;
  if (plainWords.test(value) && value.length <= 255 && !address.test(value)) return true;
  const given = textsIn(args);
  return value === method || given.has(value) || given.has(unquoted(value));
}

/** A value as errors print it, between quotes and perhaps cut. */
function unquoted(value: string): string {
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'string' ? parsed : value;
  } catch {
    return value;
  }
}

function textOf(code: ComputeErrorCode, details: Details): string {
  const message = computeErrors[code].message as (details: Details) => string;
  try {
    return message(details);
  } catch {
    return '';
  }
}

function remade(failure: ComputeError, details: Details): ComputeError {
  const { code, effect } = failure;
  const made = new ComputeError(code, details, {
    cause: failure,
    effect,
  });
  addOperatorFacts(made, operatorFactsOf(failure));
  return made;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

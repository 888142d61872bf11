import {
  addOperatorFacts,
  ComputeError,
  computeErrors,
  operatorFactsOf,
  type ComputeErrorCode,
  type ComputeErrorEffect,
} from '../driver/index.js';
import { operations } from '../model/operation-table.js';
import { ANOTHER_VALUE } from './accepted-values.js';
import { closedDetails, isUuid } from './closed-details.js';
import { driverCalls } from './driver-call-table.js';
import { isPlainError, plainDetails, type Details } from './foreign-error.js';
import { internalErrorOf } from './foreign-failure.js';
import { GivenWords } from './given-words.js';

/** The call that failed, as the guard knows it. */
export interface FailedCall {
  readonly method: string;
  readonly instanceUuid?: string | undefined;
  readonly args: readonly unknown[];
}

/**
 * An error that a driver, a provider or a store has made, when its details say nothing but what a tenant may read: words of the closed sets,
 * numbers, what the call itself was given. What the guard knows better it sets. What does not fit becomes `INTERNAL`. The error itself is then
 * the cause, so that its words are for operators. The same object when it is as this package makes it, with nothing hung on it.
 */
export function fittingFailure(failure: ComputeError, call: FailedCall): ComputeError {
  try {
    return fitting(failure, call);
  } catch {
    // Its accessors threw, or its message was asked for what it does not hold.
    return internalErrorOf(failure);
  }
}

function fitting(failure: ComputeError, call: FailedCall): ComputeError {
  const { code, effect } = failure;
  const made = plainDetails(failure);
  if (!Object.hasOwn(computeErrors, code) || !isEffect(effect) || made === undefined) return internalErrorOf(failure);
  // Whoever starts a driver is its operator.
  if (operatorsCodes.includes(code)) return call.method === 'initHost' ? failure : internalErrorOf(failure);
  const given = new GivenWords(call.args);
  const details = known(code, made, call, given);
  const isFit = Object.entries(details).every(([name, value]) => fits(code, name, value, given));
  if (!isFit) return internalErrorOf(failure);
  if (details !== made || !isPlainError(failure, textOf(code, details))) return remade(failure, details);
  return pinned(failure);
}

/** Whoever made the error may hold it still, and cannot change its words any more. */
function pinned(failure: ComputeError): ComputeError {
  Object.freeze(failure.details);
  for (const name of ['code', 'details', 'effect', 'message'] as const) {
    Object.defineProperty(failure, name, { writable: false });
  }
  return failure;
}

/** What only those read who start a service. */
const operatorsCodes: readonly ComputeErrorCode[] = ['INVALID_CONFIGURATION', 'UNKNOWN_DRIVER', 'DRIVER_INCOMPATIBLE'];

const effects: Readonly<Record<ComputeErrorEffect, true>> = { none: true, partial: true, done: true, unknown: true };

function isEffect(effect: unknown): boolean {
  return typeof effect === 'string' && Object.hasOwn(effects, effect);
}

/** The details with what the guard knows; the same object when it says so already. */
function known(code: ComputeErrorCode, details: Details, call: FailedCall, given: GivenWords): Details {
  const { method, instanceUuid: meant } = call;
  const { operation, instanceUuid, networkId, capability } = details;
  const set: Record<string, string> = {};
  if (operation !== undefined && !(typeof operation === 'string' && verbs.has(operation))) set['operation'] = method;
  if (instanceUuid !== undefined && meant !== undefined && instanceUuid !== meant) set['instanceUuid'] = meant;
  if (networkId !== undefined && !isNamed(networkId, given)) set['networkId'] = 'of the instance';
  if (code === 'NOT_SUPPORTED' && !isClosed(code, 'capability', capability)) set['capability'] = method;
  for (const [name, words] of Object.entries(ownWords[code] ?? {})) {
    if (!isClosed(code, name, details[name])) set[name] = words;
  }
  return Object.keys(set).length === 0 ? details : { ...details, ...set };
}

/** What stands in the place of words that no tenant may read, where the code alone says enough. */
const ownWords: Partial<Record<ComputeErrorCode, Readonly<Record<string, string>>>> = {
  NOT_SUPPORTED: { reason: 'the driver of this host cannot do it' },
  INVALID_INPUT: { accepted: ANOTHER_VALUE },
};

const verbs: ReadonlySet<string> = new Set([
  ...Object.keys(driverCalls),
  ...Object.values(operations).map(({ verb }) => verb),
  'change',
  'clean up',
]);

/** Names of things that the caller has named, or that say nothing by themselves. */
const ids: readonly string[] = [
  'uuid',
  'instanceUuid',
  'actionUuid',
  'migrationUuid',
  'imageId',
  'volumeId',
  'networkId',
  'reservationId',
  'idempotencyKey',
  'device',
];

function fits(code: ComputeErrorCode, name: string, value: unknown, given: GivenWords): boolean {
  if (Array.isArray(value)) return value.every((each) => typeof each === 'string' && isClosed(code, name, each));
  // What it is unless a table knows it, `known` has set.
  if (name === 'operation' || name === 'capability') return typeof value === 'string';
  if (closedDetails[`${code}.${name}`]) return isClosed(code, name, value);
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'string') return false;
  if (name === 'networkId' && value === 'of the instance') return true;
  if (code === 'INVALID_INPUT') return name === 'field' ? given.hasPath(value) : given.hasPrinted(value);
  if (code === 'RECORD_DAMAGED' && value === 'unknown') return true;
  return ids.includes(name) && isNamed(value, given);
}

function isClosed(code: ComputeErrorCode, name: string, value: unknown): boolean {
  return typeof value === 'string' && closedDetails[`${code}.${name}`]?.(value) === true;
}

function isNamed(value: unknown, given: GivenWords): boolean {
  return typeof value === 'string' && (isUuid(value) || given.has(value));
}

function textOf(code: ComputeErrorCode, details: Details): string {
  const message = computeErrors[code].message as (details: Details) => string;
  return message(details);
}

function remade(failure: ComputeError, details: Details): ComputeError {
  const { code, effect } = failure;
  const made = new ComputeError(code, details, { cause: failure, effect });
  addOperatorFacts(made, operatorFactsOf(failure));
  return made;
}

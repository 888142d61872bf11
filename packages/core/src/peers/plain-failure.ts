import { redact } from '@virtkit/decorators';
import { ComputeError, operatorFactsOf, type ComputeErrorCode, type ComputeErrorEffect } from '../driver/index.js';
import { computeErrorFrom } from '../guard/foreign-failure.js';
import { operatorFailuresOf } from '../recorders/operator-failure.js';

/** A failure as it crosses from one manager to another: both are operators' machines. */
export interface PlainFailure {
  readonly code: ComputeErrorCode;
  readonly details: object;
  readonly effect: ComputeErrorEffect;
  readonly operator: object;
}

export function plainFailureOf(failure: unknown, host: string): PlainFailure {
  const error = computeErrorFrom(failure);
  const { code, details, effect } = error;
  const [, ...causes] = operatorFailuresOf(error);
  const facts = redact(operatorFactsOf(error)) as Readonly<Record<string, unknown>>;
  return { code, details, effect, operator: { ...facts, peer: host, ...(causes.length > 0 && { causes }) } };
}

/**
 * The failure on this side. That another action has taken over there, or another process, is no word about this side's: here it
 * means that the other end could not do it.
 */
export function failureFromPlain(
  { code, details, effect, operator }: PlainFailure,
  instanceUuid: string,
): ComputeError {
  const facts = { effect, operator: { ...operator } };
  return isAboutPeerOnly(code)
    ? new ComputeError('DESTINATION_UNAVAILABLE', { instanceUuid }, { ...facts, operator: { ...operator, code } })
    : new ComputeError(code, details, facts);
}

/** A failure of a host that a service has asked: it is the host's own word. A host that is closing, or was taken over, is not available. */
export function hostFailureFromPlain(
  { code, details, effect, operator }: PlainFailure,
  operation: string,
): ComputeError {
  if (code !== 'SESSION_LOST' && code !== 'MANAGER_CLOSED') {
    return new ComputeError(code, details, { effect, operator: { ...operator } });
  }
  const facts = { effect: 'none' as const, operator: { ...operator, code } };
  return new ComputeError('HOST_UNAVAILABLE', { operation }, facts);
}

function isAboutPeerOnly(code: ComputeErrorCode): boolean {
  return code === 'UNEXPECTED_TASK_STATE' || code === 'SESSION_LOST' || code === 'MANAGER_CLOSED';
}

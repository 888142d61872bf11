import { inspect } from 'node:util';
import {
  isComputeError,
  operatorFactsOf,
  suppressedFailuresOf,
  type ComputeError,
  type ComputeErrorCode,
} from '@virtkit/core/driver';
import { expect } from 'vitest';

/** The ComputeError a call rejects with; fails when it resolves or rejects with anything else. */
export async function rejectionOf<Code extends ComputeErrorCode>(
  call: Promise<unknown>,
  code: Code,
): Promise<ComputeError<Code>> {
  const failure: unknown = await call.then(
    () => 'it resolved',
    (reason: unknown) => reason,
  );
  expect(isComputeError(failure), `not a ComputeError: ${inspect(failure)}`).toBe(true);
  expect((failure as ComputeError).code, operatorReads(failure as ComputeError)).toBe(code);
  return failure as ComputeError<Code>;
}

/** Everything of a failure that a tenant can get to see. */
export function tenantReads(failure: ComputeError): string {
  return [failure.message, JSON.stringify(failure.details), JSON.stringify(failure.toTenant())].join('\n');
}

export function operatorReads(failure: ComputeError): string {
  return inspect([operatorFactsOf(failure), failure.cause, suppressedFailuresOf(failure)], { depth: 8 });
}

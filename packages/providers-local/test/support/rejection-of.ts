import { inspect } from 'node:util';
import { operatorFactsOf } from '@virtkit/core/driver';
import { type ComputeError, isComputeError } from '@virtkit/core/providers';
import type { ComputeErrorCode } from '@virtkit/core/driver';
import { expect } from 'vitest';

/** The ComputeError a call rejects with; fails when it resolves or rejects with anything else. */
export async function rejectionOf<Code extends ComputeErrorCode>(
  call: Promise<unknown>,
  code: Code,
): Promise<ComputeError<Code>> {
  const failure: unknown = await call.then(
    (value) => `it resolved with ${inspect(value)}`,
    (reason: unknown) => reason,
  );
  expect(isComputeError(failure), `not a ComputeError: ${inspect(failure)}`).toBe(true);
  expect((failure as ComputeError).code, inspect([operatorFactsOf(failure), failure], { depth: 6 })).toBe(code);
  return failure as ComputeError<Code>;
}

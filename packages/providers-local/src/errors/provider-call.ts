import { type CallOptions, ComputeError, isComputeError } from '@virtkit/core/providers';
import { CommandError } from './command-error.js';

/** What a full disk, a full quota and a full file system of fixed size say. */
const fullCodes: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/**
 * One call of a provider, from its door inwards: an aborted one does not begin, and what the file system or a program says leaves as a
 * `ComputeError`. A mistake of ours leaves as it is: whoever guards the provider tells it from a failure of the host.
 */
export async function providerCall<Result>(
  operation: string,
  { signal }: CallOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    signal?.throwIfAborted();
    return await work();
  } catch (failure) {
    throw leaving(operation, failure, signal);
  }
}

function leaving(operation: string, failure: unknown, signal: AbortSignal | undefined): unknown {
  if (isComputeError(failure) || !(failure instanceof Error)) return asAborted(operation, failure, signal);
  if (signal?.aborted === true && (failure === signal.reason || failure.name === 'AbortError')) {
    return asAborted(operation, failure, signal);
  }
  if (failure instanceof CommandError) return unavailable(failure, { stderr: failure.stderr });
  const { code, syscall, path } = failure as NodeJS.ErrnoException;
  if (syscall === undefined) return failure;
  const operator = { message: failure.message, ...(path === undefined ? {} : { path }) };
  if (fullCodes.includes(code)) {
    return new ComputeError('INSUFFICIENT_RESOURCES', { resource: 'disk' }, { cause: failure, operator });
  }
  return unavailable(failure, operator);
}

function asAborted(operation: string, failure: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted !== true || isComputeError(failure)) return failure;
  return new ComputeError('ABORTED', { operation }, { cause: failure, effect: 'none' });
}

function unavailable(cause: Error, operator: Readonly<Record<string, unknown>>): ComputeError {
  return new ComputeError('STORE_UNAVAILABLE', {}, { cause, operator: { message: cause.message, ...operator } });
}

/** It was closed, and what it kept may be another process's by now. */
export function closedProvider(): ComputeError {
  return new ComputeError('STORE_UNAVAILABLE', {}, { effect: 'none', operator: { message: 'the provider is closed' } });
}

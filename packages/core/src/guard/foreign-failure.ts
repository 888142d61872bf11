import { ComputeError, isComputeError } from '../driver/index.js';

/**
 * What was thrown, as a ComputeError. Foreign failures become `INTERNAL` once and keep their identity: converting the same
 * object twice gives the same error, so that everything recorded of it bears one correlation id.
 */
export function computeErrorFrom(failure: unknown): ComputeError {
  return isComputeError(failure) ? failure : internalErrorOf(failure);
}

/** The `INTERNAL` that stands for a failure which must not leave as it is. The same one each time. */
export function internalErrorOf(failure: unknown): ComputeError {
  const known = converted.get(failure as object);
  if (known) return known;
  const error = new ComputeError('INTERNAL', { correlationId: globalThis.crypto.randomUUID() }, { cause: failure });
  // The frames above are worth more than this one.
  Error.captureStackTrace(error, internalErrorOf);
  if (typeof failure === 'object' && failure !== null) converted.set(failure, error);
  return error;
}

const converted = new WeakMap<object, ComputeError>();

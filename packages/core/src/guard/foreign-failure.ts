import { ComputeError, isComputeError } from '../driver/index.js';

/**
 * What was thrown, as a ComputeError. Foreign failures become `INTERNAL` once and keep their identity: converting the same
 * object twice gives the same error, so that everything recorded of it bears one correlation id.
 */
export function computeErrorFrom(failure: unknown): ComputeError {
  if (isComputeError(failure)) return failure;
  const known = converted.get(failure as object);
  if (known) return known;
  const error = new ComputeError('INTERNAL', { correlationId: globalThis.crypto.randomUUID() }, { cause: failure });
  if (typeof failure === 'object' && failure !== null) converted.set(failure, error);
  return error;
}

const converted = new WeakMap<object, ComputeError>();

import { ComputeError, isComputeError, type ComputeErrorEffect } from '../driver/index.js';

/** A caller that aborts with a ComputeError, as one that overtakes does, gets it back. */
export function abortedError(
  abortReason: unknown,
  operation: string,
  cause: unknown,
  effect: ComputeErrorEffect,
): ComputeError {
  return isComputeError(abortReason) ? abortReason : new ComputeError('ABORTED', { operation }, { cause, effect });
}

import { computeErrors, isComputeError, suppressedFailuresOf, type ComputeError } from '../driver/index.js';

/**
 * Whether a failure is its caller's alone, as the table of codes has it: a flavor that is too small, a console that is not there, a cancel. It is
 * no alarm for operators. One that an operator must know of, such as a clean-up that failed after it, is.
 */
export function isCallersFault(failure: unknown): failure is ComputeError {
  return (
    isComputeError(failure) &&
    computeErrors[failure.code].atFault === 'caller' &&
    suppressedFailuresOf(failure).every(({ failure: secondary }) => isCallersFault(secondary))
  );
}

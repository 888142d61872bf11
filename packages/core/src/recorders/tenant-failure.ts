import { computeErrors, type ComputeErrorCode, type ComputeErrorDetails, type TenantFailure } from '../driver/index.js';
import { computeErrorFrom } from '../guard/foreign-failure.js';

/**
 * What a tenant may read of a failure. The text is made anew from the code and the details, so that nothing an error was
 * given on its way can slip in; a failure from outside the table becomes `INTERNAL`.
 */
export function tenantFailureOf(failure: unknown): TenantFailure {
  const { code, details } = computeErrorFrom(failure);
  return Object.hasOwn(computeErrors, code)
    ? { code, message: messageOf(code, details) }
    : tenantFailureOf(new Error('an error with a code of its own', { cause: failure }));
}

function messageOf<Code extends ComputeErrorCode>(code: Code, details: ComputeErrorDetails[Code]): string {
  return computeErrors[code].message(details);
}

import type { ComputeErrorCode, ComputeErrorDetails, ComputeErrorEffect } from './compute-error-code.js';
import { computeErrors } from './compute-error-table.js';
import { addOperatorFacts, type OperatorFacts } from './operator-facts.js';

const brand: unique symbol = Symbol.for('virtkit.ComputeError');

export interface ComputeErrorOptions {
  /** The foreign failure this one stands for. For operators; a tenant never sees it. */
  readonly cause?: unknown;
  /** What an operator should know beside the cause. */
  readonly operator?: OperatorFacts;
  /** What this failure has changed, where the thrower knows better than the table. */
  readonly effect?: ComputeErrorEffect;
}

/**
 * The only error that leaves a driver, a store or the manager on purpose.
 *
 * `message` is the public text: fixed by the code and its details, fit for a tenant. A caller acts on `code`; messages
 * may change in any release. A plain `TypeError` or `RangeError` means that the calling code is wrong: mend it, do not
 * catch it.
 */
export class ComputeError<Code extends ComputeErrorCode = ComputeErrorCode> extends Error {
  override readonly name: string = 'ComputeError';
  readonly code: Code;
  readonly details: Readonly<ComputeErrorDetails[Code]>;
  readonly effect: ComputeErrorEffect;
  readonly [brand] = true;

  constructor(code: Code, details: ComputeErrorDetails[Code], options: ComputeErrorOptions = {}) {
    super(computeErrors[code].message(details), 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.details = details;
    this.effect = options.effect ?? computeErrors[code].effect;
    if (options.operator) addOperatorFacts(this, options.operator);
  }

  /** Whether the same request may be made again, as the table has it, and never while nobody knows whether it was carried out. */
  get retryable(): boolean {
    return computeErrors[this.code].retryable && this.effect !== 'unknown';
  }

  get httpStatus(): number {
    return computeErrors[this.code].httpStatus;
  }

  /** What a tenant may read, and all of it. */
  toTenant(): TenantFailure {
    const details = this.details as ComputeErrorDetails[Code];
    return { code: this.code, message: computeErrors[this.code].message(details) };
  }
}

/** A failure as its tenant reads it. */
export interface TenantFailure {
  readonly code: ComputeErrorCode;
  readonly message: string;
}

/** True for a ComputeError, of whichever installed copy of this package; with `code`, for one with that code. */
export function isComputeError(failure: unknown): failure is ComputeError;
export function isComputeError<Code extends ComputeErrorCode>(
  failure: unknown,
  code: Code,
): failure is ComputeError<Code>;
export function isComputeError(failure: unknown, code?: ComputeErrorCode): boolean {
  return (
    failure instanceof Error && brand in failure && (code === undefined || (failure as ComputeError).code === code)
  );
}

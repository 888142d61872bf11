import type { ComputeErrorCode, ComputeErrorRow } from './compute-error-code.js';

/** A row for each code. */
export type ComputeErrorRows = { readonly [Code in ComputeErrorCode]: ComputeErrorRow<Code> };

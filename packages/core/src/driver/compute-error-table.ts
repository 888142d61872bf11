import type { ComputeErrorRows } from './compute-error-rows.js';
import { outcomeErrors } from './outcome-errors.js';
import { requestErrors } from './request-errors.js';
import { resourceErrors } from './resource-errors.js';

/** What every code means, who has to act, whether to try again, what was changed, what an HTTP front end answers, what a tenant reads. */
export const computeErrors: ComputeErrorRows = { ...requestErrors, ...resourceErrors, ...outcomeErrors };

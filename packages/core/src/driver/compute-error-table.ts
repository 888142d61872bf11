import type { ComputeErrorRows } from './compute-error-rows.js';
import { outcomeErrors } from './outcome-errors.js';
import { requestErrors } from './request-errors.js';
import { resourceErrors } from './resource-errors.js';

/**
 * What every code means, who has to act, whether to try again, what was changed, what an HTTP front end answers, what a tenant reads.
 *
 * `retryable` is said to whoever made the request, of a new one; the manager itself repeats nothing because of it. By effect:
 * - `none`: nothing stands in the way.
 * - `partial`: may be retryable. When its requester hears of the failure the manager has asked the driver what is true, has had the rest
 *   removed and has recorded the outcome, so that the next request starts from a known state, or is refused by it.
 * - `done`: the driver alone says so, and the manager ends it as a success; whoever still hears of it has nothing to repeat.
 * - `unknown`: never. To repeat what may have happened is to do it twice; who must, looks first, or sends the same idempotency key. A code
 *   that is retryable otherwise is not in an error of this effect: a store that did not answer a commit may have taken it, and one that
 *   did not answer a read has changed nothing.
 */
export const computeErrors: ComputeErrorRows = { ...requestErrors, ...resourceErrors, ...outcomeErrors };

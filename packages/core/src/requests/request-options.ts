import type { CallOptions } from '../driver/index.js';
import { knownFields } from '../model/known-fields.js';
import { callFields, shortText, whole } from './fields.js';

/** What every request may be sent with. */
export interface RequestOptions extends CallOptions {
  /**
   * A name of the request, 1 to 255 characters, unique in its project: sent again with the same one, a request is not carried out
   * again, but answered with the action it has become. Another request under it is refused.
   */
  readonly idempotencyKey?: string;
  /**
   * How long the whole of it may take, waiting included, before it is cancelled with `DEADLINE_EXCEEDED`; in milliseconds, at most a week.
   */
  readonly deadlineMs?: number;
}

/** Longer than the slowest operation: the copy of a large disk takes a day. */
const DEADLINE_MS_MAX = 7 * 86_400_000;

/** The fields of options that are sent with a request, for those that have more. */
export const requestFields = {
  ...callFields,
  idempotencyKey: shortText.optional(),
  deadlineMs: whole(1, DEADLINE_MS_MAX).optional(),
};

export const requestOptions = knownFields(requestFields, 'an object of options').optional();

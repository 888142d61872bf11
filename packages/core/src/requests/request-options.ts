import { z } from 'zod';
import { checkedValue, type CallOptions } from '../driver/index.js';

/** What every request may be sent with. */
export interface RequestOptions extends CallOptions {
  /**
   * A name of the request, 1 to 255 characters, unique in its project: sent again with the same one, a request is not carried out
   * again, but answered with the action it has become. Another request under it is refused.
   */
  readonly idempotencyKey?: string;
  /** How long the whole of it may take, waiting included, before it is cancelled with `DEADLINE_EXCEEDED`; in milliseconds. */
  readonly deadlineMs?: number;
}

const schema = z.object({
  idempotencyKey: z
    .string('1 to 255 characters')
    .min(1, '1 to 255 characters')
    .max(255, '1 to 255 characters')
    .optional(),
  deadlineMs: z.number('milliseconds, 1 or more').min(1, 'milliseconds, 1 or more').optional(),
});

/** @throws ComputeError `INVALID_INPUT` */
export async function checkRequestOptions({ idempotencyKey, deadlineMs }: RequestOptions): Promise<void> {
  if (idempotencyKey === undefined && deadlineMs === undefined) return;
  await checkedValue(schema, { idempotencyKey, deadlineMs }, 'INVALID_INPUT');
}

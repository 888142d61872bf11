import { z } from 'zod';
import { ComputeError, type CallOptions } from '../driver/index.js';
import { checkInput } from './input-problem.js';

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

const say = (accepted: string): { error: () => string } => ({ error: () => accepted });

const schema = z.object({
  idempotencyKey: z
    .string(say('1 to 255 characters'))
    .min(1, say('1 to 255 characters'))
    .max(255, say('1 to 255 characters'))
    .optional(),
  deadlineMs: z.number(say('milliseconds, 1 or more')).min(1, say('milliseconds, 1 or more')).optional(),
});

/** @throws ComputeError `INVALID_INPUT` */
export async function checkRequestOptions({ idempotencyKey, deadlineMs }: RequestOptions): Promise<void> {
  if (idempotencyKey === undefined && deadlineMs === undefined) return;
  const checked = await checkInput(schema, { idempotencyKey, deadlineMs }, '');
  if ('problem' in checked) throw new ComputeError('INVALID_INPUT', { ...checked.problem });
}

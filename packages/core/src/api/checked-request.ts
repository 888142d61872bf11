import type { z } from 'zod';
import { ComputeError } from '../driver/index.js';
import { checkInput } from './input-problem.js';

/** A request as a schema has checked it, without what was left out, so that it is plain data. @throws ComputeError `INVALID_INPUT` */
export async function checkedRequest<Schema extends z.ZodType<object>>(
  schema: Schema,
  request: unknown,
): Promise<WithoutUndefined<z.output<Schema>>> {
  const checked = await checkInput(schema, request, '');
  if ('problem' in checked) throw new ComputeError('INVALID_INPUT', { ...checked.problem });
  const present = Object.entries(checked.value).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as WithoutUndefined<z.output<Schema>>;
}

/** zod says that an optional field may be there and `undefined`; ours are not there. */
type WithoutUndefined<Fields> = { [Field in keyof Fields]: Exclude<Fields[Field], undefined> };

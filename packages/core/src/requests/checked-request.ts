import type { z } from 'zod';
import { checkedValue } from '../driver/index.js';

/** A request as a schema has checked it, without what was left out, so that it is plain data. @throws ComputeError `INVALID_INPUT` */
export async function checkedRequest<Schema extends z.ZodType<object>>(
  schema: Schema,
  request: unknown,
): Promise<WithoutUndefined<z.output<Schema>>> {
  const checked = await checkedValue(schema, request, 'INVALID_INPUT');
  const present = Object.entries(checked).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as WithoutUndefined<z.output<Schema>>;
}

/** zod says that an optional field may be there and `undefined`; ours are not there. */
type WithoutUndefined<Fields> = { [Field in keyof Fields]: Exclude<Fields[Field], undefined> };

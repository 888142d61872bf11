import type { z } from 'zod';
import { hideCause } from '../driver/index.js';
import { computeErrorFrom } from '../guard/foreign-failure.js';
import { checkedContext, type RequestContext } from '../model/request-context.js';
import { checkedRequest } from './checked-request.js';

type PublicMethod = (context: RequestContext, ...args: never[]) => Promise<unknown>;

/**
 * A decorator for the public methods, which all take a context first: it checks the context and every other argument before the method
 * begins, and the method is given what was checked. `schemas` are those of the parameters after the context, in their order and by
 * their names. What the method throws leaves with nothing of a host's on it that printing or cloning shows: its cause is for `causeOf` alone.
 * @throws ComputeError `INVALID_INPUT`
 */
export function door(
  schemas: Readonly<Record<string, z.ZodType>>,
): <Method extends PublicMethod>(
  prototype: object,
  name: string,
  descriptor: TypedPropertyDescriptor<Method>,
) => TypedPropertyDescriptor<Method> {
  const parameters = Object.entries(schemas);
  return (_prototype, name, descriptor) => {
    const method = descriptor.value as ((...args: unknown[]) => Promise<unknown>) | undefined;
    if (!method) throw new TypeError(`${name} is not a method`);
    const checking = async function (this: unknown, context: unknown, ...args: unknown[]): Promise<unknown> {
      const caller = checkedContext(context);
      const checked = parameters.map(([parameter, schema], index) => checkedRequest(schema, args[index], parameter));
      try {
        return await method.call(this, caller, ...checked);
      } catch (failure) {
        throw outward(failure);
      }
    };
    return { ...descriptor, value: checking } as unknown as typeof descriptor;
  };
}

/** The same error, fit for tenants. What is no ComputeError is a fault of ours or of a part that was put in. */
function outward(failure: unknown): unknown {
  const error = computeErrorFrom(failure);
  hideCause(error);
  return error;
}

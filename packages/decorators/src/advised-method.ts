import { type Advice, type AdvisedCall, callOf } from './call.js';
import { CallScope } from './call-scope.js';
import type { EntityKind } from './entity.js';

// Only `any` lets every method through: parameters are compared the other way round, and no other type fits them all.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AsyncMethod<This = any> = (this: This, ...args: any[]) => Promise<unknown>;

/** What one decorator brings to a method. */
export interface Layer {
  readonly takes: readonly EntityKind[];
  readonly advice: Advice<AdvisedCall>;
}

/** The methods that carry layers already, so that one more joins them: one call, however many decorators. */
const advisedMethods = new WeakMap<AsyncMethod, Layer & { readonly method: AsyncMethod }>();

/** The method with this layer around it, and around the layers it carries already. */
export function advisedMethod(decorated: AsyncMethod, methodName: string, outer: Layer): AsyncMethod {
  const inner = advisedMethods.get(decorated);
  const method = inner?.method ?? decorated;
  const { takes, advice } = inner === undefined ? outer : around(inner, outer);

  // An async function, so that whatever goes wrong before the first await reaches the caller as a rejection too.
  const advised = async function (this: unknown, ...args: unknown[]): Promise<unknown> {
    const scope = CallScope.enter();
    try {
      const call = callOf(this, methodName, args, takes, scope);
      return await scope.run(() => advice(call, () => method.apply(this, args)));
    } finally {
      scope.leave();
    }
  };
  Object.defineProperty(advised, 'name', { value: method.name, configurable: true });
  Object.defineProperty(advised, 'length', { value: method.length, configurable: true });
  advisedMethods.set(advised, { method, takes, advice });
  return advised;
}

function around(inner: Layer, outer: Layer): Layer {
  return {
    takes: [...new Set([...outer.takes, ...inner.takes])],
    advice: (call, proceed) => outer.advice(call, () => inner.advice(call, proceed)),
  };
}

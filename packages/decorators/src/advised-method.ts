import { type Advice, type AdvisedCall, callOf } from './call.js';
import { CallScope } from './call-scope.js';
import { entityArgument } from './entity-argument.js';
import type { ContextRef, EntityKind } from './entity.js';

// Only `any` lets every method through: parameters are compared the other way round, and no other type fits them all.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AsyncMethod<This = any> = (this: This, ...args: any[]) => Promise<unknown>;

/** What one decorator brings to a method. */
export interface Layer {
  readonly takes: readonly EntityKind[];
  readonly advice: Advice<AdvisedCall, unknown>;
}

/** A method with all its layers, the outermost first. */
interface Layered {
  readonly method: AsyncMethod;
  readonly methodName: string;
  readonly takes: readonly EntityKind[];
  readonly layers: readonly Layer['advice'][];
  /** The same from the innermost out, each with where it stands in `layers`. */
  readonly outward: readonly { readonly advice: Layer['advice']; readonly at: number }[];
}

/** The methods that carry layers already, so that one more joins them: one call, however many decorators. */
const layeredMethods = new WeakMap<AsyncMethod, Layered>();

/** The method with this layer around it, and around the layers it carries already. */
export function advisedMethod(decorated: AsyncMethod, methodName: string, { takes, advice }: Layer): AsyncMethod {
  const inner = layeredMethods.get(decorated) ?? { method: decorated, takes: [], layers: [] };
  const layers = [advice, ...inner.layers];
  const layered: Layered = {
    method: inner.method,
    methodName,
    takes: [...new Set([...takes, ...inner.takes])],
    layers,
    outward: layers.map((each, at) => ({ advice: each, at })).reverse(),
  };
  const advised = function (this: unknown, ...args: unknown[]): Promise<unknown> {
    const scope = CallScope.enter(contextIn(args));
    return scope.run(() => carryOut(layered, this, args, scope));
  };
  Object.defineProperty(advised, 'name', { value: inner.method.name, configurable: true });
  Object.defineProperty(advised, 'length', { value: inner.method.length, configurable: true });
  layeredMethods.set(advised, layered);
  return advised;
}

/** Whoever cannot be read is no context yet: the call rejects with the reason. */
function contextIn(args: readonly unknown[]): ContextRef | undefined {
  try {
    return entityArgument('context', args);
  } catch {
    return undefined;
  }
}

/** An async function, so that whatever goes wrong before the first await reaches the caller as a rejection too. */
async function carryOut(
  { method, methodName, takes, layers, outward }: Layered,
  self: unknown,
  args: unknown[],
  scope: CallScope,
): Promise<unknown> {
  try {
    const call = callOf(self, methodName, args, takes, scope);
    const begun: unknown[] = [];
    for (const layer of layers) {
      const beginning = layer.begin?.(call);
      begun.push(beginning instanceof Promise ? await beginning : beginning);
    }
    let result: unknown;
    try {
      result = await method.apply(self, args);
    } catch (failure) {
      for (const { advice, at } of outward) await advice.failed(call, failure, begun[at]);
      throw failure;
    }
    for (const { advice, at } of outward) {
      const ending = advice.succeeded?.(call, begun[at]);
      if (ending) await ending;
    }
    return result;
  } finally {
    scope.leave();
  }
}

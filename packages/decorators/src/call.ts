import type { CallScope } from './call-scope.js';
import { entityArgument, notExactlyOne } from './entity-argument.js';
import type { ContextRef, EntityKind, EntityOf, ImageRef, InstanceRef, MigrationRef } from './entity.js';
import { type DecoratorServices, decoratorServices, type Offers } from './services.js';

/** One call of a decorated method. The decorators on a method share it. */
export interface AdvisedCall {
  /** The object, or for a static method the class, that the method was called on. */
  readonly self: object;
  readonly services: Partial<DecoratorServices>;
  readonly methodName: string;
  readonly args: readonly unknown[];
  readonly scope: CallScope;
  readonly instance: InstanceRef | undefined;
  readonly migration: MigrationRef | undefined;
  readonly image: ImageRef | undefined;
  readonly context: ContextRef | undefined;
}

/** A call as one decorator sees it: with the services it demands, and the entities that it demands there be. */
export type Call<Service extends keyof DecoratorServices, Takes extends readonly EntityKind[] = []> = AdvisedCall & {
  readonly services: Pick<DecoratorServices, Service>;
} & { readonly [Kind in Takes[number]]: EntityOf<Kind> };

/**
 * What a decorator does before and after a method, whichever way that ends. None of it throws, or changes what the caller gets.
 * `undefined` at once says that there is nothing to wait for.
 */
export interface Advice<SomeCall extends AdvisedCall, Begun = void> {
  /** Before the method. What it answers is handed to the other two. */
  begin?(call: SomeCall): Promise<Begun> | Begun;
  succeeded?(call: SomeCall, begun: Begun): Promise<unknown> | undefined;
  failed(call: SomeCall, failure: unknown, begun: Begun): Promise<unknown> | undefined;
}

/** Says what is wrong with a call that cannot be decorated, before anything has changed. */
export function callOf(
  self: unknown,
  methodName: string,
  args: readonly unknown[],
  takes: readonly EntityKind[],
  scope: CallScope,
): AdvisedCall {
  assertOffersServices(self, methodName);
  const call = {
    self,
    services: self[decoratorServices],
    methodName,
    args,
    scope,
    instance: entityArgument('instance', args),
    migration: entityArgument('migration', args),
    image: entityArgument('image', args),
    context: entityArgument('context', args),
  };
  for (const kind of takes) if (call[kind] === undefined) throw notExactlyOne(kind, args, methodName);
  return call;
}

function assertOffersServices(
  self: unknown,
  methodName: string,
): asserts self is object & Offers<Partial<DecoratorServices>> {
  const services = (self as Partial<Offers<unknown>> | null | undefined)?.[decoratorServices];
  if (typeof services === 'object' && services !== null) return;
  throw new TypeError(`${methodName}() was called on something that offers no services under [decoratorServices]`);
}

import type {
  CallOptions,
  ComputeDriver,
  DriverMethodName,
  DriverMethods,
  GuestName,
  InspectRequest,
  InstanceSpec,
  OptionsOf,
  RequestOf,
  Secret,
} from '@virtkit/core/driver';
import type { Instance } from '@virtkit/core';
import { describe, expectTypeOf, it } from 'vitest';

/** What a request may hold beside JSON. */
type Carried = Secret | Uint8Array | bigint;

/** Every callback in a value; `never` for plain data. */
type CallbacksIn<Value> = Value extends Carried
  ? never
  : Value extends (...args: never) => unknown
    ? Value
    : Value extends readonly (infer Each)[]
      ? CallbacksIn<Each>
      : Value extends object
        ? { [Name in keyof Value]-?: CallbacksIn<Value[Name]> }[keyof Value]
        : never;

type OneShape<Method> = Method extends (
  request: infer Request extends object,
  options?: infer _Options,
) => Promise<unknown>
  ? Parameters<Method>['length'] extends 1 | 2
    ? Request
    : never
  : never;

/** The methods that are about something else than one method of the contract says. */
type NamesOf<Condition extends { readonly [M in DriverMethodName]: boolean }> = {
  [M in DriverMethodName]: Condition[M] extends true ? never : M;
}[DriverMethodName];

describe('every method of the driver contract', () => {
  it('takes a request and options', () => {
    type Other = NamesOf<{ [M in DriverMethodName]: [OneShape<DriverMethods[M]>] extends [never] ? false : true }>;
    expectTypeOf<Other>().toEqualTypeOf<never>();
    expectTypeOf<ComputeDriver['cleanupHost']>().toEqualTypeOf<ComputeDriver['initHost']>();
  });

  it('takes no callback in a request', () => {
    type Other = NamesOf<{ [M in DriverMethodName]: [CallbacksIn<RequestOf<M>>] extends [never] ? true : false }>;
    expectTypeOf<Other>().toEqualTypeOf<never>();
    expectTypeOf<CallbacksIn<{ readonly deep: readonly { readonly told?: () => void }[] }>>().toEqualTypeOf<
      () => void
    >();
  });

  it('takes nothing in its options but a signal, and whom to tell of progress', () => {
    expectTypeOf<keyof OptionsOf<DriverMethodName>>().toEqualTypeOf<'signal'>();
    type Other = NamesOf<{
      [M in DriverMethodName]: keyof OptionsOf<M> extends keyof CallOptions | 'onProgress' ? true : false;
    }>;
    expectTypeOf<Other>().toEqualTypeOf<never>();
  });

  it('that is about a guest names it with its generation, but for inspect', () => {
    type AboutGuests = Exclude<RequestOf<DriverMethodName>, { readonly instance: GuestName }>;
    expectTypeOf<Extract<AboutGuests, { readonly instance: unknown }>>().toEqualTypeOf<never>();
    expectTypeOf<Extract<AboutGuests, { readonly instanceUuid: string }>>().toEqualTypeOf<InspectRequest>();
  });
});

describe('the name of a guest', () => {
  it('may be an instance, or the spec of one', () => {
    expectTypeOf<Instance>().toExtend<GuestName>();
    expectTypeOf<InstanceSpec>().toExtend<GuestName>();
  });
});

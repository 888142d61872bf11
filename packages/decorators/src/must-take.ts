import type { EntityKind, EntityOf } from './entity.js';

/**
 * `unknown` when exactly one of the parameters `Params` is an entity of each of the `Kinds`; otherwise a type that
 * nothing satisfies, whose key tells the reader of the compiler's message what is wrong.
 */
export type MustTake<Kinds extends readonly EntityKind[], Params extends readonly unknown[]> = Kinds extends readonly [
  infer Kind extends EntityKind,
  ...infer Rest extends readonly EntityKind[],
]
  ? Verdict<Kind, Count<Kind, Params>> & MustTake<Rest, Params>
  : unknown;

type Verdict<Kind extends EntityKind, Found> = Found extends 1
  ? unknown
  : { [Text in `the method must take exactly one ${Kind}${Reason<Found>}`]: never };

type Reason<Found> = Found extends 'anything'
  ? ''
  : Found extends 'unsure'
    ? ': always, and in a parameter of its own'
    : Found extends 0
      ? ', and it takes none'
      : ', and it takes several';

/**
 * How many of the parameters are of that kind; `unsure` when that depends on the call, `anything` when the parameters
 * are `any[]`. The compiler tries that in vain with the overload for the other kind of decorators, and prints it.
 */
type Count<Kind extends EntityKind, Params extends readonly unknown[], Found extends unknown[] = []> =
  // Parameters that are always there, one after the other.
  Params extends readonly [infer Head, ...infer Rest]
    ? IsSurely<Head, Kind> extends true
      ? Count<Kind, Rest, [...Found, Head]>
      : MayBe<Head, Kind> extends true
        ? 'unsure'
        : Count<Kind, Rest, Found>
    : // What is left is optional, or a rest parameter: there may be one more, or not.
      MayBe<Params[number], Kind> extends true
      ? 'unsure'
      : [Found, IsAny<Params[number]>] extends [[], true]
        ? 'anything'
        : Found['length'];

/** `any` fits everything and says nothing. Only with it does the intersection become something that 0 fits. */
type IsAny<T> = 0 extends 1 & T ? true : false;

type IsSurely<T, Kind extends EntityKind> = IsAny<T> extends true ? false : [T] extends [EntityOf<Kind>] ? true : false;

type MayBe<T, Kind extends EntityKind> =
  IsAny<T> extends true ? false : [Extract<T, EntityOf<Kind>>] extends [never] ? false : true;

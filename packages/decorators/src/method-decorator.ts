import { advisedMethod, type AsyncMethod } from './advised-method.js';
import type { Advice, AdvisedCall, Call } from './call.js';
import type { EntityKind } from './entity.js';
import type { MustTake } from './must-take.js';
import type { DecoratorServices, Offers } from './services.js';

/**
 * A decorator for asynchronous methods of a class that offers the services named in `Service`, on methods that take
 * exactly one entity of each kind in `Takes`. Anything else does not compile.
 *
 * JavaScript has two kinds of decorator, and a project chooses one for all its files. This is both: the first signature
 * is the standard one, the second that of `experimentalDecorators`. `Method` stays a naked type parameter, so that
 * generics, optional and rest parameters and `this` parameters come out as they went in.
 */
export interface MethodDecorator<Service extends keyof DecoratorServices, Takes extends readonly EntityKind[] = []> {
  <This, Method extends AsyncMethod<This>>(
    method: Method & MustTake<Takes, Parameters<Method>> & MustOffer<This, Service>,
    context: ClassMethodDecoratorContext<This, Method>,
  ): Method;
  <This extends object, Method extends AsyncMethod>(
    prototype: This & MustOffer<This, Service>,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<Method> & MustTake<Takes, Parameters<Method>>,
  ): TypedPropertyDescriptor<Method>;
}

type MustOffer<This, Service extends keyof DecoratorServices> =
  This extends Offers<Pick<DecoratorServices, Service>>
    ? unknown
    : { 'the class must offer these services under [decoratorServices]': Pick<DecoratorServices, Service> };

export function methodDecorator<
  Service extends keyof DecoratorServices,
  const Takes extends readonly EntityKind[],
  Begun = void,
>(takes: Takes, advice: Advice<Call<Service, Takes>, Begun>): MethodDecorator<Service, Takes> {
  // What a call must have for this advice is what the decorator's type demands and `callOf` asserts.
  const layer = { takes, advice: advice as Advice<AdvisedCall, unknown> };

  function decorate(
    methodOrPrototype: unknown,
    contextOrKey: DecoratorContext | string | symbol,
    descriptor?: PropertyDescriptor,
  ): unknown {
    if (typeof contextOrKey === 'object') {
      if (contextOrKey.kind !== 'method') throw notAMethod(contextOrKey.name);
      return advisedMethod(methodOrPrototype as AsyncMethod, nameOf(contextOrKey.name), layer);
    }
    if (typeof descriptor?.value !== 'function') throw notAMethod(contextOrKey);
    return { ...descriptor, value: advisedMethod(descriptor.value as AsyncMethod, nameOf(contextOrKey), layer) };
  }

  return decorate as MethodDecorator<Service, Takes>;
}

function nameOf(key: string | symbol | undefined): string {
  return typeof key === 'string' ? key : (key?.description ?? 'anonymous');
}

function notAMethod(key: string | symbol | undefined): TypeError {
  return new TypeError(`only a method can be decorated with this, and ${nameOf(key)} is none`);
}

import { afterFailure } from './after-failure.js';
import type { Reporting } from './attempt.js';
import { entityKindOf } from './entity.js';
import { methodDecorator, type MethodDecorator } from './method-decorator.js';
import { redact } from './redact.js';

/**
 * Tells the operators when the method fails: an exception notification with the failure, the method and its arguments,
 * without the context and with everything secret taken out (see `redact`).
 *
 * It demands nothing of the method, and fits those that work on a host. A failure that a call further in has notified
 * already is not notified again, unless this call knows an instance that one did not.
 */
export const wrapException: MethodDecorator<Reporting | 'host' | 'exceptions'> = methodDecorator(
  [],
  afterFailure('notifying the exception', (call, failure) => {
    const { services, instance, context, scope } = call;
    if (!scope.noted.isFirst('notification', instance?.uuid, failure)) return;
    return services.exceptions.notify({
      eventType: 'compute.exception',
      publisher: services.host,
      className: classNameOf(call.self),
      methodName: call.methodName,
      failure,
      args: call.args.filter((argument) => entityKindOf(argument) !== 'context').map((argument) => redact(argument)),
      ...(instance !== undefined && { instanceUuid: instance.uuid }),
      ...(context !== undefined && { requestId: context.requestId }),
    });
  }),
);

/** A static method is called on its class, any other on an object that has one, or on `Object.create(null)`. */
function classNameOf(self: object): string {
  const owner: unknown = typeof self === 'function' ? self : self.constructor;
  return typeof owner === 'function' ? owner.name : 'anonymous';
}

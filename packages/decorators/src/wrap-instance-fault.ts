import { afterFailure } from './after-failure.js';
import type { Reporting } from './attempt.js';
import { nowMs } from './clock.js';
import { failureKind } from './failure-kind.js';
import { methodDecorator, type MethodDecorator } from './method-decorator.js';

/**
 * Writes an instance fault when the method fails: what the instance's owner will read.
 *
 * An instance that is gone gets none, for there is nothing left to attach it to. One that another action has taken over
 * does: this action has failed all the same. A failure that a call further in has written already is not written again.
 */
export const wrapInstanceFault: MethodDecorator<Reporting | 'host' | 'faults' | 'now', ['instance']> = methodDecorator(
  ['instance'],
  afterFailure('writing the fault', async (call, failure) => {
    const { services, instance, context, scope } = call;
    const occurredAtMs = nowMs(services);
    if ((await failureKind(call, failure)) === 'instance-gone') return;
    if (!scope.noted.isFirst('fault', instance.uuid, failure)) return;
    await services.faults.record({ instance, context, failure, host: services.host, occurredAtMs });
  }),
);

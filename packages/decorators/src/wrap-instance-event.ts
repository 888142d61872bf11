import { randomUUID } from 'node:crypto';
import { attach, recordFailure } from './after-failure.js';
import { attempt, type Reporting } from './attempt.js';
import { nowMs } from './clock.js';
import { methodDecorator, type MethodDecorator } from './method-decorator.js';
import type { InstanceStep, StepOutcome } from './services.js';
import { stepNames } from './step-name.js';

const success: StepOutcome = { result: 'Success' };

/**
 * Records the method as a step of the instance's action: an event that starts before the method and finishes with
 * Success or Error, whichever way the method ends.
 *
 * An event that could not be started is finished all the same, and the method runs all the same. A call made from
 * within another is a step of its own.
 */
export function wrapInstanceEvent(options: {
  /** What the names of the events begin with: `compute` makes `rebootInstance` a `compute_reboot_instance`. */
  readonly prefix: string;
}): MethodDecorator<Reporting | 'host' | 'events' | 'now', ['instance']> {
  assertPrefix((options as typeof options | undefined)?.prefix);
  const nameOfStep = stepNames(options.prefix);
  return methodDecorator(['instance'], async (call, proceed) => {
    const { services, instance, context } = call;
    const step: InstanceStep = {
      id: randomUUID(),
      name: nameOfStep(call.methodName),
      instance,
      context,
      host: services.host,
      startedAtMs: nowMs(services),
    };
    const starting = attempt(call, 'starting the event', () => services.events.start(step));
    const unstarted = starting && (await starting);
    let result: unknown;
    try {
      result = await proceed();
    } catch (failure) {
      if (unstarted !== undefined) await attach(call, 'starting the event', failure, unstarted);
      await recordFailure(call, 'finishing the event', failure, () =>
        services.events.finish(step, { result: 'Error', failure }),
      );
      throw failure;
    }
    const finishing = attempt(call, 'finishing the event', () => services.events.finish(step, success));
    if (finishing) await finishing;
    return result;
  });
}

function assertPrefix(prefix: unknown): void {
  if (typeof prefix === 'string' && /^\w+$/.test(prefix)) return;
  throw new TypeError(
    `wrapInstanceEvent takes { prefix: letters, digits and underscores }, for instance 'compute'; got ${String(prefix)}`,
  );
}

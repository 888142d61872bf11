import { randomUUID } from 'node:crypto';
import { attach, recordFailure } from './after-failure.js';
import { attempt, type Reporting, type Thrown } from './attempt.js';
import { nowMs } from './clock.js';
import { methodDecorator, type MethodDecorator } from './method-decorator.js';
import type { InstanceStep, StepOutcome } from './services.js';
import { stepNames } from './step-name.js';

const success: StepOutcome = { result: 'Success' };

interface Begun {
  readonly step: InstanceStep;
  /** Why it could not be started. */
  readonly unstarted: Thrown | undefined;
}

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
  return methodDecorator(['instance'], {
    begin: (call): Promise<Begun> | Begun => {
      const { services, instance, context, methodName } = call;
      const id = randomUUID();
      const startedAtMs = nowMs(services);
      const step = { id, name: nameOfStep(methodName), instance, context, host: services.host, startedAtMs };
      const starting = attempt(call, 'starting the event', () => services.events.start(step));
      return starting ? starting.then((unstarted) => ({ step, unstarted })) : { step, unstarted: undefined };
    },
    succeeded: (call, { step }) =>
      attempt(call, 'finishing the event', () => call.services.events.finish(step, success)),
    failed: async (call, failure, { step, unstarted }) => {
      if (unstarted !== undefined) await attach(call, 'starting the event', failure, unstarted);
      await recordFailure(call, 'finishing the event', failure, () =>
        call.services.events.finish(step, { result: 'Error', failure }),
      );
    },
  });
}

function assertPrefix(prefix: unknown): void {
  if (typeof prefix === 'string' && /^\w+$/.test(prefix)) return;
  throw new TypeError(
    `wrapInstanceEvent takes { prefix: letters, digits and underscores }, for instance 'compute'; got ${String(prefix)}`,
  );
}

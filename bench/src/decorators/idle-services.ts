import type { DecoratorServices, Recorded } from '@virtkit/decorators';

/** Recorders that record nothing: what is left is the decorators' own cost. */
export function idleServices(answer: () => Recorded): DecoratorServices {
  return {
    log: { error: () => undefined, warn: () => undefined },
    host: 'host-1',
    failures: { kindOf: () => 'failure' },
    events: { start: answer, finish: answer },
    faults: { record: answer },
    taskStates: { revert: answer },
    exceptions: { notify: answer },
    migrations: { markError: answer },
    images: { delete: answer },
  };
}

import type { Events, InstanceStep, StepOutcome } from '@virtkit/decorators';
import type { InstanceActionEvent } from '../model/instance-action.js';
import { taskOwnerOf, type RequestContext } from '../model/request-context.js';
import type { Records } from '../records/records.js';
import { operatorFailuresOf } from './operator-failure.js';
import { tenantFailureOf } from './tenant-failure.js';

/** Writes the events of an action: one a manager step, opened when it starts and closed when it ends. */
export class EventRecorder implements Events {
  readonly #records: Records;
  readonly #now: () => number;

  constructor({ records, now }: { readonly records: Records; readonly now: () => number }) {
    this.#records = records;
    this.#now = now;
  }

  async start(step: InstanceStep): Promise<void> {
    const event = this.#opened(step);
    // The commit that accepted the action has opened it.
    if (event.id !== step.id) return;
    await this.#put(step, { ...event, finishedAtMs: null, result: null, failure: null });
  }

  async finish(step: InstanceStep, outcome: StepOutcome): Promise<void> {
    const event = this.#opened(step);
    const closed = { ...event, finishedAtMs: this.#now(), result: outcome.result };
    if (outcome.result === 'Success') return await this.#put(step, { ...closed, failure: null });
    const traceback = operatorFailuresOf(outcome.failure)
      .map(({ stack, name, message }) => stack ?? `${name}: ${message}`)
      .join('\n\ncaused by\n');
    await this.#put(step, {
      ...closed,
      failure: tenantFailureOf(outcome.failure),
      operator: { ...event.operator, traceback },
    });
  }

  #opened(step: InstanceStep): ReturnType<typeof opened> {
    const unit = step.context && this.#records.unitOf(step.context as RequestContext);
    const event = opened(step);
    return unit ? { ...event, ...unit.eventOf(step) } : event;
  }

  async #put({ context }: InstanceStep, event: InstanceActionEvent): Promise<void> {
    await this.#records.stage(context as RequestContext | undefined, [{ write: 'put-event', event }]);
  }
}

function opened({
  id,
  name,
  instance,
  context,
  host,
  startedAtMs,
}: InstanceStep): Pick<
  InstanceActionEvent,
  'id' | 'actionUuid' | 'instanceUuid' | 'name' | 'startedAtMs' | 'operator'
> {
  return {
    id,
    // A call that no action was accepted for keeps its events under its request.
    actionUuid: context ? taskOwnerOf(context as RequestContext) : id,
    instanceUuid: instance.uuid,
    name,
    startedAtMs,
    operator: { host, traceback: null },
  };
}

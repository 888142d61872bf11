import type { DecoratorServices, FailureKind } from '@virtkit/decorators';

export class Preempted extends Error {}
export class InstanceGone extends Error {}
export class ImageGone extends Error {}

export type ServiceName =
  | 'events.start'
  | 'events.finish'
  | 'faults.record'
  | 'taskStates.revert'
  | 'exceptions.notify'
  | 'migrations.markError'
  | 'images.delete'
  | 'failures.suppress'
  | 'log.error'
  | 'log.warn';

export interface Entry {
  readonly service: ServiceName;
  readonly args: readonly unknown[];
}

/** Services that write down what they are told, and do what the test asks of them next. */
export class Journal {
  readonly entries: Entry[] = [];
  /** What a service does after it has been written down; nothing by default. */
  readonly reactions: Partial<Record<ServiceName, (...args: readonly unknown[]) => unknown>> = {};
  kindOf: (failure: unknown) => FailureKind = (failure) => {
    if (failure instanceof Preempted) return 'preempted';
    if (failure instanceof InstanceGone) return 'instance-gone';
    if (failure instanceof ImageGone) return 'image-gone';
    return 'failure';
  };
  readonly services: DecoratorServices;

  constructor(settings: { readonly now?: () => number; readonly recorderTimeoutMs?: number } = {}) {
    const told =
      (service: ServiceName) =>
      (...args: readonly unknown[]) => {
        this.entries.push({ service, args });
        return this.reactions[service]?.(...args) as undefined;
      };
    this.services = {
      host: 'host-1',
      log: { error: told('log.error'), warn: told('log.warn') },
      failures: { kindOf: (failure) => this.kindOf(failure), suppress: told('failures.suppress') },
      events: { start: told('events.start'), finish: told('events.finish') },
      faults: { record: told('faults.record') },
      taskStates: { revert: told('taskStates.revert') },
      exceptions: { notify: told('exceptions.notify') },
      migrations: { markError: told('migrations.markError') },
      images: { delete: told('images.delete') },
      now: () => 1_000,
      ...settings,
    };
  }

  /** Makes a service fail, at once or after a turn of the event loop. */
  fail(service: ServiceName, failure: unknown, when: 'at once' | 'later' = 'later'): void {
    this.reactions[service] = () => {
      if (when === 'later') return Promise.reject(failure);
      throw failure;
    };
  }

  /** The services in the order in which they were told something. */
  get order(): readonly ServiceName[] {
    return this.entries.map(({ service }) => service);
  }

  /** What this service was told, call by call. */
  told(service: ServiceName): readonly (readonly unknown[])[] {
    return this.entries.filter((entry) => entry.service === service).map(({ args }) => args);
  }

  count(service: ServiceName): number {
    return this.told(service).length;
  }
}

/** What a call throws, in a box, because it may throw `undefined`. A call that succeeds fails the test. */
export async function thrownBy(call: () => Promise<unknown>): Promise<{ readonly value: unknown }> {
  try {
    await call();
  } catch (value) {
    return { value };
  }
  throw new Error('the call should have failed, and succeeded');
}

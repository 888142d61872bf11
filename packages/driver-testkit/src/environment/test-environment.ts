import {
  systemClock,
  type Clock,
  type DriverEnvironment,
  type DriverEvent,
  type DriverLog,
  type LifecycleTransition,
} from '@virtkit/core/driver';
import { deferred, type Deferred } from './deferred.js';
import { MemoryEventInbox } from './memory-event-inbox.js';
import { TestFence } from './test-fence.js';

export interface TestEnvironmentOptions {
  /** Default `test-host`. */
  readonly host?: string;
  /** Default: the real one. */
  readonly clock?: Clock;
  /** Of the manager's lease. Default 1. */
  readonly epoch?: number;
}

export interface LogLine {
  readonly level: keyof DriverLog;
  readonly fields: object;
  readonly message: string;
}

export interface UntilTransitionOptions {
  /** How many of the instance's transitions are old, and do not count. Default 0. */
  readonly after?: number;
}

/** What a driver under test lives in: what it emits and logs is recorded, what it expects a test delivers. */
export interface TestEnvironment extends DriverEnvironment {
  readonly externalEvents: MemoryEventInbox;
  readonly fence: TestFence;
  /** Everything emitted so far, in order. */
  readonly events: readonly DriverEvent[];
  readonly logLines: readonly LogLine[];
  /** Resolves when more than `after` events of a type have been emitted. Default 0. */
  untilEvent(type: DriverEvent['type'], options?: UntilTransitionOptions): Promise<void>;
  /** The transitions emitted for one instance so far, in order. */
  transitionsOf(instanceUuid: string): readonly LifecycleTransition[];
  /** Resolves when one of the transitions has been emitted for the instance; at once when it has been already. */
  untilTransition(
    instanceUuid: string,
    accepted: readonly LifecycleTransition[],
    options?: UntilTransitionOptions,
  ): Promise<void>;
}

export function testEnvironment(options: TestEnvironmentOptions = {}): TestEnvironment {
  const clock = options.clock ?? systemClock;
  const events: DriverEvent[] = [];
  const logLines: LogLine[] = [];
  const watchers = new Set<{ readonly isMet: () => boolean; readonly met: Deferred<void> }>();
  const logAt =
    (level: keyof DriverLog) =>
    (fields: object, message: string): void => {
      logLines.push({ level, fields, message });
    };
  const transitionsOf = (instanceUuid: string): readonly LifecycleTransition[] =>
    events.flatMap((event) =>
      event.type === 'lifecycle' && event.instanceUuid === instanceUuid ? [event.transition] : [],
    );

  const until = (isMet: () => boolean): Promise<void> => {
    if (isMet()) return Promise.resolve();
    const watcher = { isMet, met: deferred<void>() };
    watchers.add(watcher);
    return watcher.met.promise;
  };

  return {
    host: options.host ?? 'test-host',
    clock,
    externalEvents: new MemoryEventInbox(clock),
    fence: new TestFence(options.epoch),
    log: { debug: logAt('debug'), info: logAt('info'), warn: logAt('warn'), error: logAt('error') },
    events,
    logLines,
    transitionsOf,
    emit(event) {
      events.push(event);
      for (const watcher of watchers) {
        if (!watcher.isMet()) continue;
        watchers.delete(watcher);
        watcher.met.resolve();
      }
    },
    untilEvent: (type, { after = 0 } = {}) => until(() => events.filter((event) => event.type === type).length > after),
    untilTransition: (instanceUuid, accepted, { after = 0 } = {}) =>
      until(() =>
        transitionsOf(instanceUuid)
          .slice(after)
          .some((transition) => accepted.includes(transition)),
      ),
  };
}

import type {
  CallOptions,
  Clock,
  ExpectedEvents,
  ExternalEvent,
  ExternalEventInbox,
  ExternalEventKey,
} from '@virtkit/core/driver';
import { deferred, type Deferred } from './deferred.js';

/** Events from elsewhere, delivered by a test. */
export class MemoryEventInbox implements ExternalEventInbox {
  readonly #clock: Clock;
  readonly #expectations = new Set<Expectation>();
  readonly #watchers = new Set<{
    readonly instanceUuid: string;
    readonly awaited: Deferred<readonly ExternalEventKey[]>;
  }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  expect(instanceUuid: string, keys: readonly ExternalEventKey[]): ExpectedEvents {
    const expectation: Expectation = {
      instanceUuid,
      keys,
      came: new Map(),
      complete: deferred(),
      state: 'expected',
    };
    this.#expectations.add(expectation);
    return {
      arrive: (timeoutMs, options) => this.#arrive(expectation, timeoutMs, options),
      [Symbol.dispose]: () => this.#expectations.delete(expectation),
    };
  }

  /** Gives an event to whoever expects it. `'nobody'`: it is lost, as it would be with nobody listening. */
  deliver(event: ExternalEvent): 'delivered' | 'nobody' {
    const takers = [...this.#expectations].filter(
      ({ instanceUuid, keys }) =>
        instanceUuid === event.instanceUuid && keys.some(({ name, tag }) => name === event.name && tag === event.tag),
    );
    for (const { keys, came, complete } of takers) {
      if (event.status === 'in-progress') continue;
      came.set(nameOf(event), event);
      const events = keys.flatMap((key) => came.get(nameOf(key)) ?? []);
      if (events.length === keys.length) complete.resolve(events);
    }
    return takers.length > 0 ? 'delivered' : 'nobody';
  }

  /** How many expectations nobody has disposed yet: 0 when every driver has tidied up. */
  get expectationCount(): number {
    return this.#expectations.size;
  }

  /** Resolves with the awaited keys when somebody waits for events of this instance, at once when somebody does already. */
  untilAwaited(instanceUuid: string): Promise<readonly ExternalEventKey[]> {
    for (const expectation of this.#expectations) {
      if (expectation.instanceUuid === instanceUuid && expectation.state === 'awaited') {
        return Promise.resolve(expectation.keys);
      }
    }
    const watcher = { instanceUuid, awaited: deferred<readonly ExternalEventKey[]>() };
    this.#watchers.add(watcher);
    return watcher.awaited.promise;
  }

  async #arrive(expectation: Expectation, timeoutMs: number, { signal }: CallOptions = {}) {
    signal?.throwIfAborted();
    expectation.state = 'awaited';
    for (const watcher of this.#watchers) {
      if (watcher.instanceUuid !== expectation.instanceUuid) continue;
      this.#watchers.delete(watcher);
      watcher.awaited.resolve(expectation.keys);
    }
    const over = new AbortController();
    const passOn = (): void => over.abort(signal?.reason);
    signal?.addEventListener('abort', passOn, { once: true });
    const timeout = this.#clock.sleep(timeoutMs, { signal: over.signal }).then(() => 'timeout' as const);
    try {
      return await Promise.race([expectation.complete.promise, timeout]);
    } finally {
      signal?.removeEventListener('abort', passOn);
      over.abort();
      // The sleep that was cut short rejects; its race is over.
      timeout.catch(() => {});
    }
  }
}

interface Expectation {
  readonly instanceUuid: string;
  readonly keys: readonly ExternalEventKey[];
  readonly came: Map<string, ExternalEvent>;
  readonly complete: Deferred<readonly ExternalEvent[]>;
  state: 'expected' | 'awaited';
}

function nameOf({ name, tag }: ExternalEventKey): string {
  return `${name} ${tag}`;
}

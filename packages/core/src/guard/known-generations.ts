import type { DriverEvent, LifecycleTransition } from '../driver/index.js';

/** More than a host has guests; the one that was learnt first is forgotten, and asked for again when it is needed. */
const COUNT_MAX = 20_000;

/** What must come between one guest of a uuid and another: while a guest runs, nobody puts another in its place. */
const ends: ReadonlySet<LifecycleTransition> = new Set(['stopped', 'crashed', 'started', 'migration-completed']);

/**
 * Which generation the guest of an instance was when the driver was last asked, so that it need not be asked before each call. Nobody but
 * the manager of a host makes guests there, and only it destroys them; what it does itself it learns from the answers. So an entry holds
 * until a call about the guest fails, or an event says that the guest has ended or started and no operation of ours is under way.
 */
export class KnownGenerations {
  readonly #known = new Map<string, string | null>();
  readonly #isBusy: (instanceUuid: string) => boolean;

  /** `isBusy` tells whether an operation is under way, whose events are its own doing. */
  constructor(isBusy: (instanceUuid: string) => boolean) {
    this.#isBusy = isBusy;
  }

  /** `null`: it has none. `undefined`: nobody knows; the driver is to be asked. */
  of(instanceUuid: string): string | null | undefined {
    return this.#known.get(instanceUuid);
  }

  learn(instanceUuid: string, generation: string | null): void {
    if (!this.#known.has(instanceUuid) && this.#known.size >= COUNT_MAX) {
      const [oldest] = this.#known.keys();
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    this.#known.set(instanceUuid, generation);
  }

  forget(instanceUuid: string): void {
    this.#known.delete(instanceUuid);
  }

  /** To be told of every event before anybody acts on it. */
  handle(event: DriverEvent): void {
    // What happened while the driver was away, nobody has told.
    if (event.type !== 'lifecycle') this.#known.clear();
    else if (ends.has(event.transition) && !this.#isBusy(event.instanceUuid)) this.forget(event.instanceUuid);
  }
}

import type { CommittedInstances, ComputeStore, StoreWrite } from '@virtkit/core/store';
import type { StoreEnvironment, StoreTroubleName, StoreTroubles, StoreUnderTest } from './store-under-test.js';

/** Any moment will do; this one is easy to see in a failure. */
const STARTED_AT_MS = 1_700_000_000_000;

interface BenchClock extends StoreEnvironment {
  nowMs: number;
}

/** What one rule is proven on: a store of its own, and its clock. */
export class StoreBench {
  readonly #subject: StoreUnderTest;
  readonly #clock: BenchClock;
  readonly #first: ComputeStore;
  readonly #stores: ComputeStore[];

  private constructor(subject: StoreUnderTest, first: ComputeStore, clock: BenchClock) {
    this.#subject = subject;
    this.#clock = clock;
    this.#first = first;
    this.#stores = [first];
  }

  static async open(subject: StoreUnderTest): Promise<StoreBench> {
    const clock: BenchClock = { nowMs: STARTED_AT_MS, now: () => clock.nowMs };
    return new StoreBench(subject, await subject.createStore(clock), clock);
  }

  get store(): ComputeStore {
    return this.#stores.at(-1) ?? this.#first;
  }

  /** What the store's clock says. */
  get nowMs(): number {
    return this.#clock.nowMs;
  }

  /** Moves the store's clock. */
  advance(durationMs: number): void {
    this.#clock.nowMs += durationMs;
  }

  /** Commits one unit. Bound, so that a rule may take it apart from its bench. */
  readonly commit = async (...writes: readonly StoreWrite[]): Promise<CommittedInstances> => {
    return await this.store.commit(writes);
  };

  /** Closes the store; from now on the bench's is another one on the same data. */
  async reopen(): Promise<void> {
    await this.store.close();
    await this.#openAgain();
  }

  /** Kills the store; from now on the bench's is another one on the same data. */
  async killAndReopen(): Promise<void> {
    await this.#trouble('kill')(this.store);
    await this.#openAgain();
  }

  async discard(): Promise<void> {
    for (const store of this.#stores) await store.close().catch(() => {});
    await this.#subject.discardData?.(this.#first);
  }

  async #openAgain(): Promise<void> {
    this.#stores.push(await this.#trouble('reopen')(this.#first, this.#clock));
  }

  #trouble<Name extends StoreTroubleName>(name: Name): StoreTroubles[Name] {
    const trouble = this.#subject.troubles[name];
    if (typeof trouble !== 'function') {
      throw new TypeError(`A rule uses ${name} and does not say so in its troubles.`);
    }
    return trouble.bind(this.#subject.troubles) as StoreTroubles[Name];
  }
}

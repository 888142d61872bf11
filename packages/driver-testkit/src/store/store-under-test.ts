import type { ComputeStore } from '@virtkit/core/store';
import type { Unprovable } from '../suite/troubles.js';

/** A store, as the suite gets hold of it. */
export interface StoreUnderTest {
  /** An empty store. Called once a rule. */
  createStore(environment: StoreEnvironment): ComputeStore | Promise<ComputeStore>;

  /** Removes the data of a store that `createStore` made. Called at the end of a rule, when it is closed. */
  discardData?(store: ComputeStore): void | Promise<void>;

  /** How long one rule may take, in real time. Default 20,000. Give the runner a longer limit, or it will speak first. */
  readonly ruleTimeoutMs?: number;

  /** See {@link StoreTroubles}. */
  readonly troubles: { readonly [Name in StoreTroubleName]?: StoreTroubles[Name] | Unprovable };
}

/** What the suite gives to a store. */
export interface StoreEnvironment {
  /** The store's clock: milliseconds since the epoch. It stands still until a rule moves it. */
  now(): number;
}

/**
 * What only the author of a store can do to it. Each gets the store that `createStore` returned, to know which data is meant. A rule
 * that needs one that is missing fails; one that cannot be had is declared {@link Unprovable}, and `unprovenStoreRules` lists what
 * that leaves open.
 */
export interface StoreTroubles {
  /** Another store on the data of one that was closed or killed. */
  reopen(store: ComputeStore, environment: StoreEnvironment): ComputeStore | Promise<ComputeStore>;

  /** Ends a store as the death of its process does: in the middle of whatever it does, and nothing is closed. */
  kill(store: ComputeStore): void | Promise<void>;
}

export type StoreTroubleName = keyof StoreTroubles;

import { causeChain } from './cause-chain.js';

/** Thrown strings and the like cannot be held weakly, so only so many of them are remembered. */
const primitivesMax = 64;

/** What is noted about a failure. Each is noted once. */
export type Concern = 'fault' | 'migration' | 'image' | 'notification';

/**
 * Which failures have been noted, for which concern, about which instance, migration or image.
 *
 * A failure counts as noted when one of its causes is. Its own causes are not noted with it: two failures may share
 * one (a lost connection), and two records are better than none.
 */
export class NotedFailures {
  #ofObjects: WeakMap<object, Set<string>> | undefined;
  #ofPrimitives: Map<unknown, Set<string>> | undefined;

  /**
   * True the first time, and that time is noted at once, before any record is written: two calls that fail with the
   * same error at the same moment leave one record. Without a subject, true if it was not noted about any.
   */
  isFirst(concern: Concern, subject: string | undefined, failure: unknown): boolean {
    const topic = subject === undefined ? concern : `${concern} ${subject}`;
    if (causeChain(failure).some((cause) => this.#topicsOf(cause)?.has(topic))) return false;
    const topics = this.#topicsOf(failure) ?? this.#remember(failure);
    topics.add(concern).add(topic);
    return true;
  }

  #topicsOf(failure: unknown): Set<string> | undefined {
    return isObject(failure) ? this.#ofObjects?.get(failure) : this.#ofPrimitives?.get(failure);
  }

  #remember(failure: unknown): Set<string> {
    const topics = new Set<string>();
    if (isObject(failure)) {
      this.#ofObjects ??= new WeakMap();
      this.#ofObjects.set(failure, topics);
      return topics;
    }
    this.#ofPrimitives ??= new Map();
    this.#ofPrimitives.set(failure, topics);
    if (this.#ofPrimitives.size > primitivesMax) {
      const [oldest] = this.#ofPrimitives.keys();
      this.#ofPrimitives.delete(oldest);
    }
    return topics;
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

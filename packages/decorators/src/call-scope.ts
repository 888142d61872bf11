import { AsyncLocalStorage } from 'node:async_hooks';
import type { ContextRef } from './entity.js';
import { NotedFailures } from './noted-failures.js';

/**
 * What the decorated calls of one action know of each other. Each call has a scope of its own, and finds there the call
 * it was made from, however deep: the outermost one opens the action. A call in the name of another context is an action
 * of its own, wherever it was made from: a listener of what happens may ask for something else in the middle of it.
 */
export class CallScope {
  static readonly #current = new AsyncLocalStorage<CallScope>();

  readonly #outer: CallScope | undefined;
  readonly #context: ContextRef | undefined;
  #noted: NotedFailures | undefined;
  #heldInstanceUuid: string | undefined;
  #isOver = false;

  private constructor(outer: CallScope | undefined, context: ContextRef | undefined) {
    this.#outer = outer;
    this.#context = context;
  }

  /**
   * A scope within the present one, if its call still runs. A timer or a queue that was set up in a call inherits its
   * scope for ever, and what runs there later is no part of that action.
   */
  static enter(context: ContextRef | undefined): CallScope {
    let outer = CallScope.#current.getStore();
    while (outer !== undefined && outer.#isOver) outer = outer.#outer;
    return outer === undefined ? new CallScope(undefined, context) : outer.#within(context);
  }

  /** The scope of a call that this one has made. */
  #within(context: ContextRef | undefined): CallScope {
    const isOther = context && this.#context && !isSameAction(context, this.#context);
    return new CallScope(isOther ? undefined : this, context ?? this.#context);
  }

  run<T>(call: () => T): T {
    return CallScope.#current.run(this, call);
  }

  leave(): void {
    this.#isOver = true;
  }

  /** One for the whole action. Most actions end well and have none. */
  get noted(): NotedFailures {
    return this.#outer?.noted ?? (this.#noted ??= new NotedFailures());
  }

  /** From now on this call answers for the instance's task state. */
  holdTaskState(instanceUuid: string): void {
    this.#heldInstanceUuid = instanceUuid;
  }

  /** Whether a call further out answers for it, and still can: one that has ended meanwhile does not revert any more. */
  isTaskStateHeldFurtherOut(instanceUuid: string): boolean {
    for (let outer = this.#outer; outer !== undefined; outer = outer.#outer) {
      if (!outer.#isOver && outer.#heldInstanceUuid === instanceUuid) return true;
    }
    return false;
  }
}

function isSameAction(one: ContextRef, other: ContextRef): boolean {
  return one === other || (one.requestId === other.requestId && one.actionUuid === other.actionUuid);
}

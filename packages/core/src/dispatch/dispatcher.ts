import { ComputeError, type Clock, type DriverLog } from '../driver/index.js';
import type { ComputeManager } from '../manager/compute-manager.js';
import { performOperation } from '../manager/perform-operation.js';
import type { InstanceAction, InstanceActionEvent } from '../model/instance-action.js';
import type { Instance } from '../model/instance.js';
import { operations } from '../model/operation-table.js';
import type { RequestContext } from '../model/request-context.js';
import type { ActionSecrets } from '../peers/host-calls.js';
import type { Records } from '../records/records.js';
import { requestScope } from '../records/request-scope.js';
import { ActionEnds } from './action-ends.js';
import { endAction, type CarriedOut } from './end-action.js';

export interface DispatcherOptions {
  readonly host: string;
  readonly manager: ComputeManager;
  readonly records: Records;
  readonly clock: Clock;
  readonly log: DriverLog;
  /** How many actions may be accepted and not finished. Default 10,000. */
  readonly pendingMax?: number;
}

/** What is to be carried out. */
export interface Dispatch {
  readonly action: InstanceAction;
  /** In whose name; its `actionUuid` is the action's. */
  readonly context: RequestContext;
  readonly instance: Instance;
  readonly secrets?: ActionSecrets;
  /** The open event of an action that was begun by the commit that accepted it. */
  readonly begun?: InstanceActionEvent;
}

interface Running {
  readonly action: InstanceAction;
  /** By the clock of this host. */
  readonly sinceMs: number;
  readonly abort: AbortController;
  /** Resolves when nothing is done for it here any more. */
  readonly settled: Promise<void>;
  /** Resolves with what its record says then. */
  readonly finished: Promise<InstanceAction>;
}

/** A request is doubted when its caller gave up while the store was slow: as many as a host may have accepted at once. */
const DOUBTED_COUNT_MAX = 10_000;

/** How long the ends of actions are looked for when another process has taken the host over, in milliseconds: recovery takes seconds. */
const LOOK_AFTER_LOSS_MS = 60_000;

/** Carries accepted actions out on this host, each to its end, in the order of each instance. */
export class Dispatcher {
  readonly #options: Required<DispatcherOptions>;
  readonly #running = new Map<string, Running>();
  /** Accepted here, by a commit whose answer has not come yet. */
  readonly #expected = new Set<string>();
  readonly #doubted = new Set<string>();
  readonly #ends: ActionEnds;
  #accepting = true;
  #draining = false;

  constructor(options: DispatcherOptions) {
    this.#options = { pendingMax: 10_000, ...options };
    this.#ends = new ActionEnds({ ...options, settledHere: (uuid) => this.#running.get(uuid)?.settled });
  }

  /** @throws ComputeError `MANAGER_CLOSED`, `QUEUE_FULL` */
  refuseWhenClosedOrFull(operation: string): void {
    const { pendingMax } = this.#options;
    if (!this.#accepting || this.#draining) throw new ComputeError('MANAGER_CLOSED', { operation });
    if (this.#running.size >= pendingMax) throw new ComputeError('QUEUE_FULL', { operation, pendingMax });
  }

  /**
   * Starts an accepted action. Resolves with the finished one; never rejects. One that is carried out already is joined. Where this process
   * may not write the end, the record says what another one has made of the action, see {@link finished}.
   */
  dispatch(dispatch: Dispatch): Promise<InstanceAction> {
    const { uuid } = dispatch.action;
    const known = this.#running.get(uuid);
    if (known) return known.finished;
    this.#doubted.delete(uuid);
    const abort = new AbortController();
    const work = this.#run(dispatch, abort).finally(() => this.#running.delete(uuid));
    const finished = work.then((action) => this.#ends.finished(action));
    const sinceMs = this.#options.clock.now();
    const settled = work.then(() => undefined);
    this.#running.set(uuid, { action: dispatch.action, sinceMs, abort, settled, finished });
    return finished;
  }

  /**
   * Resolves with an action when it has finished, whoever carries it out. Never rejects: it asks until the store answers. When this closes, or
   * a while after its host was taken over, it resolves with the action as the record has it: one that is not finished goes on elsewhere.
   */
  async finished(action: InstanceAction): Promise<InstanceAction> {
    return await this.#ends.finished(action);
  }

  /** Resolves what waits for ends that this process does not write, with what is known. Idempotent. */
  stopWaiting(): void {
    this.#ends.stop();
  }

  /** Cancels an action that is carried out here. True when there was one; its record then ends as `cancelled`, unless it was done already. */
  cancel(actionUuid: string, reason?: ComputeError): boolean {
    const running = this.#running.get(actionUuid);
    running?.abort.abort(reason);
    return running !== undefined;
  }

  isRunning(actionUuid: string): boolean {
    return this.#running.has(actionUuid);
  }

  /** What was accepted here and has not finished, with the time since when this has it. */
  get running(): readonly { readonly action: InstanceAction; readonly sinceMs: number }[] {
    return [...this.#running.values()].map(({ action, sinceMs }) => ({ action, sinceMs }));
  }

  /** Whether it may be given more. */
  get hasRoom(): boolean {
    return this.#accepting && !this.#draining && this.#running.size < this.#options.pendingMax;
  }

  /** An action that is about to be accepted and given to {@link dispatch} by whoever accepts it. Dispose when that is done, or failed. */
  expect(actionUuid: string): Disposable {
    this.#expected.add(actionUuid);
    return { [Symbol.dispose]: () => void this.#expected.delete(actionUuid) };
  }

  /**
   * An action that was begun by the commit that accepted it, whose answer was lost: it may be on record as running here, and nobody carries it
   * out. Whoever reads the queue of the host takes it up. Of more than a bound the oldest are forgotten, and the next start settles them.
   */
  doubt(actionUuid: string): void {
    this.#doubted.add(actionUuid);
    const [oldest] = this.#doubted;
    if (this.#doubted.size > DOUBTED_COUNT_MAX && oldest !== undefined) this.#doubted.delete(oldest);
  }

  isDoubted(actionUuid: string): boolean {
    return this.#doubted.has(actionUuid);
  }

  isExpected(actionUuid: string): boolean {
    return this.#expected.has(actionUuid);
  }

  /** Accepts nothing more, and resolves when nothing runs, or when the signal is aborted: what runs goes on then. */
  async drain(signal: AbortSignal): Promise<void> {
    this.#draining = true;
    const stopped = Promise.withResolvers<void>();
    const stop = (): void => stopped.resolve();
    signal.addEventListener('abort', stop, { once: true });
    if (!signal.aborted) await Promise.race([this.#idle(), stopped.promise]);
    signal.removeEventListener('abort', stop);
  }

  /** Stops everything at once: another process looks after the host now, and settles what was begun. */
  async abandon(): Promise<void> {
    this.#accepting = false;
    this.#options.records.giveUpWriting();
    for (const { abort } of this.#running.values()) abort.abort(new ComputeError('SESSION_LOST', {}));
    this.#ends.stopAfter(LOOK_AFTER_LOSS_MS);
    await this.#idle();
  }

  /** Accepts nothing more, waits for what runs, and cancels what is not done after `drainMs`. */
  async close(drainMs: number): Promise<void> {
    this.#accepting = false;
    const { clock, records } = this.#options;
    const cancelTimer = clock.after(drainMs, () => {
      for (const { abort } of this.#running.values()) abort.abort();
      records.giveUpWriting();
    });
    await this.#idle();
    cancelTimer();
    this.stopWaiting();
  }

  async #idle(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ settled }) => settled));
  }

  async #run({ action, context, instance, secrets, begun }: Dispatch, abort: AbortController): Promise<InstanceAction> {
    const { manager, records } = this.#options;
    const { operation, parameters, requestId, instanceUuid } = action;
    const unit = records.openUnit(action, begun);
    const cancelTimer = this.#keepDeadline(action, abort);
    const options = { signal: abort.signal, ...(secrets && { secrets }) };
    const scope = { requestId, instanceUuid, context };
    const carriedOut = { ...this.#options, unit, context, instance };
    try {
      await requestScope.run(scope, () => performOperation(manager, operation, context, instance, parameters, options));
      return await this.#end(undefined, carriedOut);
    } catch (failure) {
      return await this.#end(failure, carriedOut);
    } finally {
      cancelTimer();
      records.closeUnit(unit);
    }
  }

  #keepDeadline({ operation, deadlineAtMs, acceptedAtMs }: InstanceAction, abort: AbortController): () => void {
    if (deadlineAtMs === null) return () => undefined;
    const { clock } = this.#options;
    const details = { operation: operations[operation].verb, timeoutMs: deadlineAtMs - acceptedAtMs };
    const expire = (): void => abort.abort(new ComputeError('DEADLINE_EXCEEDED', details));
    return clock.after(Math.max(0, deadlineAtMs - clock.now()), expire);
  }

  /** Answers the action with its end, or, where that was not written here, as it runs. Never rejects. */
  async #end(failure: unknown, carriedOut: CarriedOut): Promise<InstanceAction> {
    const { unit } = carriedOut;
    try {
      await endAction(failure, carriedOut);
    } catch (secondary) {
      // Another worker has it by now, or this process is closing: the next start settles it by what is true.
      const { uuid: actionUuid } = unit.action;
      this.#options.log.error({ err: secondary, actionUuid }, 'the end of an action was not written here');
    }
    return unit.action;
  }
}

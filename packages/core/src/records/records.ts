import {
  ComputeError,
  isComputeError,
  type CallOptions,
  type Clock,
  type ComputeErrorCode,
  type DriverLog,
} from '../driver/index.js';
import type { ComputeEvents } from '../model/compute-events.js';
import type { HostSession } from '../model/host-session.js';
import type { ActionStep } from '../model/action-step.js';
import type {
  ActionPatch,
  ActionProgress,
  ActionResult,
  InstanceAction,
  InstanceActionEvent,
} from '../model/instance-action.js';
import { taskOwnerOf, type RequestContext } from '../model/request-context.js';
import type { CommittedInstances, ComputeStore } from '../store/compute-store.js';
import type { StoreWrite } from '../store/store-write.js';
import { ActionUnit } from './action-unit.js';

export interface RecordsOptions {
  readonly store: ComputeStore;
  readonly events: ComputeEvents;
  readonly clock: Clock;
  readonly log: DriverLog;
}

/** What ends an action, in one commit. */
export interface EndOfAction {
  readonly writes: readonly StoreWrite[];
  /** What the writes change of the action. */
  readonly patch: ActionPatch;
}

/**
 * The one way to write: a commit to the store, fenced by this process's session of its host, then the events that tell of it.
 * Reads go to `store`.
 */
export class Records {
  readonly store: ComputeStore;
  /** Where what was committed is told in this process. */
  readonly events: ComputeEvents;
  readonly #clock: Clock;
  readonly #units = new Map<string, ActionUnit>();
  readonly #log: DriverLog;
  readonly #closing = new AbortController();
  #session: HostSession | undefined;
  #onRefused: () => void = () => undefined;

  constructor({ store, events, clock, log }: RecordsOptions) {
    this.store = store;
    this.events = events;
    this.#clock = clock;
    this.#log = log;
  }

  /** From here on every commit is refused with `SESSION_LOST` once another process has taken the host over, and `onRefused` is told so. */
  fence(session: HostSession, onRefused: () => void): void {
    this.#session = session;
    this.#onRefused = onRefused;
  }

  /** In whose name other hosts are asked. @throws ComputeError `SESSION_LOST` before {@link fence} */
  get leader(): Pick<HostSession, 'host' | 'epoch'> {
    if (!this.#session) throw new ComputeError('SESSION_LOST', {});
    const { host, epoch } = this.#session;
    return { host, epoch };
  }

  async commit(writes: readonly StoreWrite[], options?: CallOptions): Promise<CommittedInstances> {
    const instances = await this.#commitFenced(writes, options);
    for (const instance of instances.values()) this.events.emit('instance.changed', instance);
    for (const write of writes) this.#tell(write);
    return instances;
  }

  /** Begins to collect what an action has to write; `begun` is its open event, where the commit that accepted it has begun it. @throws ComputeError `SESSION_LOST` before {@link fence} */
  openUnit(action: InstanceAction, begun?: InstanceActionEvent): ActionUnit {
    const { epoch } = this.leader;
    const unit = new ActionUnit(action, { clock: this.#clock, epoch, ...(begun && { begun }) });
    this.#units.set(action.uuid, unit);
    return unit;
  }

  closeUnit(unit: ActionUnit): void {
    this.#units.delete(unit.action.uuid);
    unit.onClosed();
  }

  unitOf(context: RequestContext): ActionUnit | undefined {
    return this.#units.get(taskOwnerOf(context));
  }

  /** Writes what may wait for the next commit of the context's action; at once where there is no action. */
  async stage(context: RequestContext | undefined, writes: readonly StoreWrite[]): Promise<void> {
    const unit = context && this.unitOf(context);
    if (unit) unit.stage(writes);
    else await this.commit(writes);
  }

  /** A commit with everything that the context's action has staged. */
  async commitFor(context: RequestContext, writes: readonly StoreWrite[]): Promise<CommittedInstances> {
    const unit = this.unitOf(context);
    return unit ? await this.#commitUnit(unit, writes) : await this.commit(writes);
  }

  /**
   * The commit with which the context's operation takes hold of its instance. `notice` tells the world that it starts, and the action's record
   * that the world was told: so a start is told once, whatever process begins the action again.
   */
  async commitStart(
    context: RequestContext,
    writes: readonly StoreWrite[],
    notice: StoreWrite,
  ): Promise<CommittedInstances> {
    const unit = this.unitOf(context);
    if (!unit) return await this.commit([...writes, notice]);
    if (unit.isStarted) return await this.#commitUnit(unit, writes);
    const startedAtMs = this.#clock.now();
    const committed = await this.#commitUnit(unit, [...writes, notice], unit.stagedAtStart(startedAtMs));
    unit.confirmStart(startedAtMs);
    return committed;
  }

  /** The last commit of an action. It is tried until the store takes it: before that nobody can ask anything of the instance either. */
  async commitEnd(unit: ActionUnit, { patch, writes }: EndOfAction): Promise<CommittedInstances> {
    await unit.progressWritten;
    const committed = await this.#persistently(() => this.#commitUnit(unit, writes));
    unit.confirmEnd(patch);
    this.events.emit('action.changed', unit.action);
    return committed;
  }

  /** The same without anything but the states, for a store that refuses the rest. */
  async commitBareEnd(unit: ActionUnit, { patch, writes }: EndOfAction): Promise<void> {
    const isState = ({ write }: StoreWrite): boolean => write === 'update-action' || write === 'update-instance';
    unit.dropWrites((write) => !isState(write));
    await this.commitEnd(unit, { patch, writes: writes.filter(isState) });
  }

  /** What an action that has ended has left to write. */
  async flush(unit: ActionUnit): Promise<void> {
    if (unit.staged.length > 0) await this.#persistently(() => this.#commitUnit(unit, []));
  }

  /** Aborted when this process closes and waits no longer. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Ends of actions that the store does not take are left to the recovery of the next start. */
  giveUpWriting(): void {
    this.#closing.abort();
  }

  /**
   * Puts a step of the context's action on record before it is taken; `instead` of one that is known better now. Also of an action that was
   * preempted: its next holder settles it. Without an action nothing is written: a direct call undoes its own.
   * @throws ComputeError `UNEXPECTED_ACTION_STATE` when the action has ended: nothing may be asked for it any more
   */
  async writeStep(context: RequestContext, step: ActionStep, instead?: ActionStep): Promise<void> {
    const unit = this.unitOf(context);
    if (unit) await this.commit([unit.stepWrite(step, instead)]);
  }

  /** The same as a write, for a commit that is made anyway. */
  stepWrites(context: RequestContext, steps: readonly ActionStep[]): readonly StoreWrite[] {
    const unit = this.unitOf(context);
    return unit ? steps.map((step) => unit.stepWrite(step)).slice(-1) : [];
  }

  /** How far the context's action has come: told at once, and written down now and then. Never fails the action. */
  reportProgress(context: RequestContext, progress: Omit<ActionProgress, 'atMs'>): void {
    const unit = this.unitOf(context);
    if (!unit) return;
    const write = unit.noteProgress(progress);
    this.events.emit('action.changed', unit.action);
    // The end of the action waits for it; that a progress is lost harms nobody.
    if (write) unit.progressWritten = this.commit([write]).then(noop, noop);
  }

  /** What came of the context's action beside the instance's state. */
  setResult(context: RequestContext, result: ActionResult): void {
    const unit = this.unitOf(context);
    if (unit) unit.result = result;
  }

  async #persistently<Value>(commit: () => Promise<Value>): Promise<Value> {
    const { signal } = this.#closing;
    for (let nth = 0; ; nth++) {
      try {
        return await commit();
      } catch (failure) {
        const isPatient = isComputeError(failure, 'STORE_UNAVAILABLE') || nth < retryDelaysMs.length;
        if (signal.aborted || isRefusal(failure) || !isPatient) throw failure;
        this.#log.error({ err: failure }, 'the end of an action could not be written; trying again');
        // The close of this process ends the wait, and the next try is the last.
        await this.#clock.sleep(delayMs(nth), { signal }).catch(noop);
      }
    }
  }

  async #commitUnit(
    unit: ActionUnit,
    writes: readonly StoreWrite[],
    staged = unit.staged,
  ): Promise<CommittedInstances> {
    const committed = await this.commit([...staged, ...writes]);
    unit.settle(staged);
    if (staged.some(({ write }) => write === 'update-action')) this.events.emit('action.changed', unit.action);
    return committed;
  }

  async #commitFenced(writes: readonly StoreWrite[], options: CallOptions | undefined): Promise<CommittedInstances> {
    try {
      return await this.store.commit([...this.#fences(), ...writes], options);
    } catch (failure) {
      if (isComputeError(failure, 'SESSION_LOST')) this.#onRefused();
      throw failure;
    }
  }

  #fences(): readonly StoreWrite[] {
    if (!this.#session) return [];
    const { host, epoch } = this.#session;
    return [{ write: 'require-session', host, epoch }];
  }

  #tell(write: StoreWrite): void {
    if (write.write === 'create-action') this.events.emit('action.changed', write.action);
    else if (write.write === 'put-fault') this.events.emit('fault.recorded', write.fault);
    else if (write.write === 'put-migration') this.events.emit('migration.changed', write.migration);
    else if (write.write === 'append-notification') this.events.emit('notification.appended', write.notification);
  }
}

/** A commit that was refused because something else is true by now. Made again it is refused again. */
function isRefusal(failure: unknown): boolean {
  return isComputeError(failure) && refusals.has(failure.code);
}

const refusals: ReadonlySet<ComputeErrorCode> = new Set([
  'SESSION_LOST',
  'INSTANCE_NOT_FOUND',
  'INSTANCE_INVALID_STATE',
  'UNEXPECTED_TASK_STATE',
  'ACTION_NOT_FOUND',
  'UNEXPECTED_ACTION_STATE',
]);

function noop(): void {
  // Nothing to do.
}

/** Quick enough for a database that fails over, slow enough for one that is down. */
const retryDelaysMs = [1_000, 2_000, 5_000, 10_000];

function delayMs(nth: number): number {
  return retryDelaysMs[Math.min(nth, retryDelaysMs.length - 1)] ?? 0;
}

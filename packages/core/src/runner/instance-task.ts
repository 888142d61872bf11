import type { Clock, GuestInspection, Image, InstanceSpec, PowerState } from '../driver/index.js';
import type { ActionStep } from '../model/action-step.js';
import type { ActionProgress, ActionResult } from '../model/instance-action.js';
import { nextInstance, specOf, type Instance, type InstancePatch } from '../model/instance.js';
import type { Operation } from '../model/operations/operation.js';
import { taskOwnerOf, type RequestContext } from '../model/request-context.js';
import type { TaskState } from '../model/task-state.js';
import type { VmState } from '../model/vm-state.js';
import { endOfAction } from '../recorders/end-of-action.js';
import { lifecycleNotification, type LifecyclePhase } from '../recorders/lifecycle-notification.js';
import type { Records } from '../records/records.js';
import type { InstanceGuard, StoreWrite } from '../store/store-write.js';
import { goalOf } from './goal-state.js';
import { recordInvariants } from './record-invariants.js';
import { stepsListed } from './settle-steps.js';
import { startGuard } from './start-guard.js';
import { UndoStack } from './undo-stack.js';

export interface InstanceTaskOptions {
  readonly operation: Operation;
  readonly context: RequestContext;
  readonly host: string;
  readonly records: Records;
  readonly clock: Clock;
}

/** What is true of an instance after a failure. */
export interface FailureTruth extends InstancePatch {
  readonly vmState: VmState;
  readonly powerState: PowerState;
}

/**
 * One operation's hold on one instance: every save of it, guarded by its ownership of the task state. A save that rejects with
 * `UNEXPECTED_TASK_STATE` means that another action holds the instance now.
 */
export class InstanceTask {
  /** What is taken back when the operation fails. */
  readonly undo = new UndoStack();
  readonly #options: InstanceTaskOptions;
  #instance: Instance;
  #guest: 'as it was' | 'changed' = 'as it was';
  #inspection: (() => Promise<GuestInspection>) | undefined;
  #replacement: Image | undefined;
  #mark: string | undefined;

  private constructor(instance: Instance, options: InstanceTaskOptions) {
    this.#instance = instance;
    this.#options = options;
  }

  /**
   * Takes hold of an instance and tells that the operation starts. Where the request was accepted by the API, the hold was
   * taken then, and where it was begun at once nothing is left to write; a call from elsewhere takes the hold now, from the states the
   * operation may start from.
   * @throws ComputeError `UNEXPECTED_TASK_STATE`, `INSTANCE_INVALID_STATE`, `INSTANCE_NOT_FOUND`
   */
  static async begin(instance: Instance, options: InstanceTaskOptions): Promise<InstanceTask> {
    const task = new InstanceTask(instance, options);
    const { operation, context, records } = options;
    if (records.unitOf(context)?.isBegun) return task;
    const taskOwner = taskOwnerOf(context);
    const patch = { taskState: operation.taskStates[0], taskOwner };
    const guard: InstanceGuard = instance.taskOwner === taskOwner ? { taskOwner } : startGuard(operation);
    const notice = task.#notice('start', { ...instance, ...patch });
    task.#take(await records.commitStart(context, [task.#update(patch, guard)], notice));
    return task;
  }

  /** The instance as of the last save. */
  get instance(): Instance {
    return this.#instance;
  }

  get context(): RequestContext {
    return this.#options.context;
  }

  get operation(): Operation {
    return this.#options.operation;
  }

  /** What the driver is given. */
  get spec(): InstanceSpec {
    return specOf(this.#instance);
  }

  /** The next task state, with whatever else is true by now, records that belong to it, and the steps that are taken next. One commit. */
  async advance(
    taskState: TaskState,
    patch: InstancePatch = {},
    {
      writes = [],
      steps = [],
    }: { readonly writes?: readonly StoreWrite[]; readonly steps?: readonly ActionStep[] } = {},
  ): Promise<void> {
    const { context, records } = this.#options;
    const update = this.#update({ ...patch, taskState }, this.#own());
    const taken = records.stepWrites(context, steps);
    this.#take(await records.commitFor(context, [update, ...writes, ...taken]));
  }

  /** What is true by now beside the states, and records that belong to it. One commit. */
  async save(patch: InstancePatch, writes: readonly StoreWrite[] = []): Promise<void> {
    const { context, records } = this.#options;
    this.#take(await records.commitFor(context, [this.#update(patch, this.#own()), ...writes]));
  }

  /**
   * Puts on record what is about to be asked of a provider, or of the driver for a device. One commit, guarded by the action.
   * @throws ComputeError `UNEXPECTED_ACTION_STATE`: the action has ended, and nothing may be asked for it
   */
  async takeStep<Step extends ActionStep>(step: Step, instead?: Step): Promise<Step> {
    const { context, records } = this.#options;
    await records.writeStep(context, step, instead);
    return step;
  }

  /** What the action has on record of its steps: on the way, and of an attempt that was cut off. */
  get steps(): readonly ActionStep[] {
    const { context, records } = this.#options;
    return records.unitOf(context)?.action.steps ?? [];
  }

  /** The guest is no longer what it was: from here on a failed call that has changed nothing does not mean that nothing has changed. */
  noteChange(): void {
    this.#guest = 'changed';
  }

  /** The guest may be on another host now: after a failure this tells what is true of it, and not this host's driver. */
  lookWith(inspection: () => Promise<GuestInspection>): void {
    this.#inspection = inspection;
    this.noteChange();
  }

  /** From here on the root disk may be of this image: after a failure the driver is asked of which it is. */
  mayReplaceDisk(image: Image): void {
    this.#replacement = image;
  }

  /** What is true of the image of the record when the guest is seen so. */
  imageSeen({ imageId }: GuestInspection): InstancePatch {
    return this.#replacement !== undefined && imageId === this.#replacement.id ? { image: this.#replacement } : {};
  }

  /** The next start of the guest, which is from before generations, gives it this one. */
  mayMark(generation: string): void {
    this.#mark = generation;
  }

  get mark(): string | undefined {
    return this.#mark;
  }

  /** What is true of the generation of the record when the guest is seen so. */
  markSeen({ generation }: GuestInspection): InstancePatch {
    return this.#mark !== undefined && generation === this.#mark ? { generation } : {};
  }

  get inspection(): (() => Promise<GuestInspection>) | undefined {
    return this.#inspection;
  }

  get guest(): 'as it was' | 'changed' {
    return this.#guest;
  }

  /** When the request is to be over, by the clock. `null`: whenever it is. */
  get deadlineAtMs(): number | null {
    const { records, context } = this.#options;
    return records.unitOf(context)?.action.deadlineAtMs ?? null;
  }

  /**
   * The time for the undo is over: the steps that are on record stay with the action, and its instance lists them, so that the host settles
   * them later. Answers what the record has to say then.
   */
  leaveSteps(patch: InstancePatch): InstancePatch {
    const { records, context, clock } = this.#options;
    const unit = records.unitOf(context);
    if ((unit?.action.steps?.length ?? 0) === 0) return patch;
    unit?.leaveSteps();
    return { ...patch, ...stepsListed({ ...this.#instance, ...patch }, clock.now()) };
  }

  /** Whether its steps are on record, so that the next holder of the instance can settle them. A direct call's are not. */
  get isRecorded(): boolean {
    const { records, context } = this.#options;
    return records.unitOf(context) !== undefined;
  }

  /** How far it has come, for whoever watches the action. */
  report(progress: Omit<ActionProgress, 'atMs'>): void {
    this.#options.records.reportProgress(this.#options.context, progress);
  }

  /** What comes of the operation beside the instance's state; kept with the action when it succeeds. */
  setResult(result: ActionResult): void {
    this.#options.records.setResult(this.#options.context, result);
  }

  /**
   * The operation is done: its goal is the instance's state, its hold ends, its end is told. One commit, with the end of the action.
   * `seen` is the guest's power state, where the goal depends on it. `others` are records that belong to it.
   */
  async succeed(seen: PowerState, patch: InstancePatch = {}, others: readonly StoreWrite[] = []): Promise<Instance> {
    const { operation, clock, context, records } = this.#options;
    const goal = goalOf(operation.goal, this.#instance.vmState, seen);
    const { powerState } = goal;
    const vmState = patch.vmState ?? goal.vmState;
    const nowMs = clock.now();
    const isFirstRun = this.#instance.launchedAtMs === null && powerState === 'RUNNING';
    const changed = {
      ...patch,
      vmState,
      powerState,
      taskState: null,
      taskOwner: null,
      ...(isFirstRun && { launchedAtMs: nowMs }),
      ...(vmState === 'deleted' && { terminatedAtMs: nowMs }),
    };
    const whole = recordInvariants(this.#instance, changed, nowMs);
    const unit = records.unitOf(context);
    const end = endOfAction({
      ...this.#options,
      action: unit?.action,
      outcome: { state: 'succeeded', result: unit?.result ?? null },
      instance: { ...this.#instance, ...whole },
      writes: [this.#update(whole, this.#own()), ...others],
      openEvents: unit?.openEvents ?? [],
      nowMs,
    });
    this.#take(await (unit ? records.commitEnd(unit, end) : records.commit(end.writes)));
    return this.#instance;
  }

  /**
   * The operation has failed: what is true of the instance now, and the notification of it. Written with the action's end, where
   * there is an action. The hold is the decorators' to end.
   */
  async fail(failure: unknown, seen: FailureTruth, others: readonly StoreWrite[] = []): Promise<void> {
    const { context, records, clock } = this.#options;
    const truth = recordInvariants(this.#instance, seen, clock.now());
    const now = { ...this.#instance, ...truth };
    const told = [this.#update(truth, this.#own()), this.#notice('error', now, failure)];
    await records.stage(context, [...told, ...others]);
    this.#instance = nextInstance(this.#instance, truth, clock.now());
  }

  #own(): InstanceGuard {
    return { taskOwner: taskOwnerOf(this.#options.context) };
  }

  #update(patch: InstancePatch, guard: InstanceGuard): StoreWrite {
    return { write: 'update-instance', uuid: this.#instance.uuid, patch, guard };
  }

  #notice(phase: LifecyclePhase, instance: Instance, failure?: unknown): StoreWrite {
    const { operation, context, host, clock } = this.#options;
    return lifecycleNotification({ operation, phase, instance, context, host, nowMs: clock.now(), failure });
  }

  #take(committed: ReadonlyMap<string, Instance>): void {
    this.#instance = committed.get(this.#instance.uuid) ?? this.#instance;
  }
}

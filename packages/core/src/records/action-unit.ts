import type { Clock } from '../driver/index.js';
import type { ActionStep } from '../model/action-step.js';
import type {
  ActionPatch,
  ActionProgress,
  ActionResult,
  InstanceAction,
  InstanceActionEvent,
} from '../model/instance-action.js';
import type { StoreWrite } from '../store/store-write.js';

type Claim = Extract<StoreWrite, { write: 'update-action' }>;

type EventKey = Pick<InstanceActionEvent, 'id' | 'name' | 'startedAtMs'>;

/** Often enough for a person who watches, seldom enough for a store. */
const PROGRESS_EVERY_MS = 1_000;

/**
 * What an action that is carried out has to write, and need not write at once: its claim, the start and the end of its steps, its
 * faults, its end. It goes with the next commit of the action's instance, so that a reader who sees the instance at rest
 * sees the rest too, and an operation costs two commits instead of eight.
 */
export class ActionUnit {
  readonly #clock: Clock;
  readonly #epoch: number;
  #action: InstanceAction;
  #claim: Claim | undefined;
  #staged: readonly StoreWrite[] = [];
  readonly #openEvents = new Map<string, InstanceActionEvent>();
  #result: ActionResult | null = null;
  #progressDueMs = 0;
  /** Resolves when the last progress that was to be written is, or could not be. */
  progressWritten: Promise<void> = Promise.resolve();
  /** What the commit that accepted the action has written of its start. */
  readonly #begun: InstanceActionEvent | undefined;
  /** The step of a method that {@link #begun} is the event of, as its decorator names it. */
  #begunStepId: string | undefined;
  #isEnded = false;
  #hasTakenOver = false;
  #leavesSteps = false;

  /**
   * Begins with the claim: from here on the action is this worker's, or the first commit is refused. With `begun`, the open event of an action
   * that was accepted as this worker's and running, there is nothing to claim.
   */
  constructor(
    action: InstanceAction,
    { clock, epoch, begun }: { readonly clock: Clock; readonly epoch: number; readonly begun?: InstanceActionEvent },
  ) {
    this.#clock = clock;
    this.#epoch = epoch;
    const { state } = action;
    if (begun && state === 'running' && action.epoch === epoch) {
      this.#action = action;
      this.#begun = begun;
      this.#openEvents.set(begun.id, begun);
      return;
    }
    const patch = { state: 'running' as const, epoch };
    this.#action = { ...action, ...patch };
    // A queued one is anybody's; one that runs is taken over from the session that claimed it, at recovery.
    const guard = state === 'queued' ? { state: [state] } : { state: [state], epoch: action.epoch };
    this.#claim = { write: 'update-action', uuid: action.uuid, patch, guard };
  }

  /** Called when everything of the action is written, or never will be: lets the next operation on the instance begin. */
  onClosed: () => void = () => undefined;

  /** The action as it will be when everything is written. */
  get action(): InstanceAction {
    return this.#action;
  }

  get staged(): readonly StoreWrite[] {
    return this.#claim ? [this.#claim, ...this.#staged] : this.#staged;
  }

  /** Whether its operation has taken over the steps of the actions that it preempted. */
  get hasTakenOver(): boolean {
    return this.#hasTakenOver;
  }

  noteTakenOver(): void {
    this.#hasTakenOver = true;
  }

  /** The steps that stay with the action when it ends; left out: none. */
  get openSteps(): readonly ActionStep[] | undefined {
    return this.#leavesSteps ? this.#action.steps : undefined;
  }

  /** There was no time to undo its steps: they are settled after its end. */
  leaveSteps(): void {
    this.#leavesSteps = true;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** The steps that have begun and not ended. */
  get openEvents(): readonly InstanceActionEvent[] {
    return [...this.#openEvents.values()];
  }

  /** What came of the action beside the instance's state; written with its success. */
  get result(): ActionResult | null {
    return this.#result;
  }

  set result(result: ActionResult | null) {
    this.#result = result;
  }

  /** Whether the world has been told that the action starts. The record knows: a start that another process told is not told again. */
  get isStarted(): boolean {
    return this.#action.startedAtMs !== null;
  }

  /** Whether the commit that accepted the action has taken the hold and told of the start. */
  get isBegun(): boolean {
    return this.#begun !== undefined;
  }

  /**
   * The event under which a step of a method is on record: the one that was opened when the action was accepted, for the first step of its
   * name, and one of its own for any other.
   */
  eventOf({ id, name, startedAtMs }: EventKey): Pick<EventKey, 'id' | 'startedAtMs'> {
    if (this.#begun?.name === name) this.#begunStepId ??= id;
    return this.#begun && id === this.#begunStepId
      ? { id: this.#begun.id, startedAtMs: this.#begun.startedAtMs }
      : { id, startedAtMs };
  }

  /** What is staged, with the start on record. To be committed with the notification of it, then {@link confirmStart}ed. */
  stagedAtStart(startedAtMs: number): readonly StoreWrite[] {
    if (!this.#claim) return this.#staged;
    return [{ ...this.#claim, patch: { ...this.#claim.patch, startedAtMs } }, ...this.#staged];
  }

  confirmStart(startedAtMs: number): void {
    this.#action = { ...this.#action, startedAtMs };
  }

  /** Whether the claim is still to be written, as far as this process knows. */
  get isClaimOpen(): boolean {
    return this.#claim !== undefined;
  }

  /** What the store says of the action, after a claim whose answer was lost. */
  adopt(recorded: InstanceAction): void {
    this.#claim = undefined;
    this.#action = recorded;
  }

  stage(writes: readonly StoreWrite[]): void {
    const news = writes.filter((write) => !this.#isWritten(write));
    for (const write of news) if (write.write === 'put-event') this.#follow(write.event);
    this.#staged = [...this.#staged, ...news];
  }

  /** Before what is staged already: while the action still holds its instance. */
  stageFirst(write: StoreWrite): void {
    this.#staged = [write, ...this.#staged];
  }

  /** Writes that went with a commit. */
  settle(written: readonly StoreWrite[]): void {
    this.#staged = this.#staged.filter((write) => !written.includes(write));
    // What was written of an action always holds its claim.
    if (written.some((write) => isClaimOf(write, this.#action.uuid))) this.#claim = undefined;
  }

  /** Leaves out what is not true any more. */
  dropWrites(isDropped: (write: StoreWrite) => boolean): void {
    this.#staged = this.#staged.filter((write) => !isDropped(write));
  }

  /** The write of one more step, or of a step that is known better now. Guarded by the action and not by its hold on the instance. */
  stepWrite(step: ActionStep, instead?: ActionStep): StoreWrite {
    const known = this.#action.steps ?? [];
    const steps = instead ? known.map((each) => (each === instead ? step : each)) : [...known, step];
    this.#action = { ...this.#action, steps };
    const guard = { state: ['running' as const], epoch: this.#epoch };
    return { write: 'update-action', uuid: this.#action.uuid, patch: { steps }, guard };
  }

  /** Takes a progress; answers with the write of it when the last one is old enough. */
  noteProgress(told: Omit<ActionProgress, 'atMs'>): StoreWrite | undefined {
    const atMs = this.#clock.now();
    const progress = { ...told, atMs };
    this.#action = { ...this.#action, progress };
    if (atMs < this.#progressDueMs) return undefined;
    this.#progressDueMs = atMs + PROGRESS_EVERY_MS;
    const guard = { state: ['running' as const], epoch: this.#epoch };
    return { write: 'update-action', uuid: this.#action.uuid, patch: { progress }, guard };
  }

  /** The end was committed. What is staged afterwards for it is known already. */
  confirmEnd(patch: ActionPatch): void {
    this.#isEnded = true;
    this.#openEvents.clear();
    this.#action = { ...this.#action, ...patch };
  }

  #isWritten(write: StoreWrite): boolean {
    const hasSucceeded = this.#isEnded && this.#action.state === 'succeeded';
    return hasSucceeded && write.write === 'put-event' && write.event.result === 'Success';
  }

  #follow(event: InstanceActionEvent): void {
    if (event.finishedAtMs === null) this.#openEvents.set(event.id, event);
    else this.#openEvents.delete(event.id);
  }
}

function isClaimOf(write: StoreWrite, uuid: string): boolean {
  return write.write === 'update-action' && write.uuid === uuid && write.patch.state === 'running';
}

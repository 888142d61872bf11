import type { Clock, TenantFailure } from '../driver/index.js';
import type {
  ActionProgress,
  ActionResult,
  ActionState,
  InstanceAction,
  InstanceActionEvent,
} from '../model/instance-action.js';
import type { StoreWrite } from '../store/store-write.js';

/** How an action ended. */
export interface ActionEnd {
  readonly state: Exclude<ActionState, 'queued' | 'running'>;
  readonly failure: TenantFailure | null;
}

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
  #staged: readonly StoreWrite[] = [];
  readonly #openEvents = new Map<string, InstanceActionEvent>();
  #result: ActionResult | null = null;
  #progressDueMs = 0;
  /** Resolves when the last progress that was to be written is, or could not be. */
  progressWritten: Promise<void> = Promise.resolve();
  #ended: ActionEnd | undefined;

  /** Begins with the claim: from here on the action is this worker's, or the first commit is refused. */
  constructor(action: InstanceAction, { clock, epoch }: { readonly clock: Clock; readonly epoch: number }) {
    this.#clock = clock;
    this.#epoch = epoch;
    const { state, startedAtMs } = action;
    const claim = { state: 'running' as const, epoch, startedAtMs: startedAtMs ?? clock.now() };
    this.#action = { ...action, ...claim };
    // A queued one is anybody's; one that runs is taken over from the session that claimed it, at recovery.
    const guard = state === 'queued' ? { state: [state] } : { state: [state], epoch: action.epoch };
    this.#staged = [{ write: 'update-action', uuid: action.uuid, patch: claim, guard }];
  }

  /** Called when everything of the action is written, or never will be: lets the next operation on the instance begin. */
  onClosed: () => void = () => undefined;

  /** The action as it will be when everything is written. */
  get action(): InstanceAction {
    return this.#action;
  }

  get staged(): readonly StoreWrite[] {
    return this.#staged;
  }

  get ended(): ActionEnd | undefined {
    return this.#ended;
  }

  /** What came of the action beside the instance's state; written with its success. */
  set result(result: ActionResult) {
    this.#result = result;
  }

  stage(writes: readonly StoreWrite[]): void {
    const news = writes.filter((write) => !this.#isWritten(write));
    for (const write of news) if (write.write === 'put-event') this.#follow(write.event);
    this.#staged = [...this.#staged, ...news];
  }

  /** Writes that went with a commit. */
  settle(written: readonly StoreWrite[]): void {
    this.#staged = this.#staged.filter((write) => !written.includes(write));
  }

  /** Another action holds the instance now: what this one has to say of it is of no interest any more. */
  dropInstanceWrites(): void {
    this.#staged = this.#staged.filter(({ write }) => write !== 'update-instance');
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

  /** What ends the action. Its steps that are still open end with it. To be committed, then {@link confirmEnd}ed. */
  endWrites({ state, failure }: ActionEnd): readonly StoreWrite[] {
    const finishedAtMs = this.#clock.now();
    const result = state === 'succeeded' ? ('Success' as const) : ('Error' as const);
    const events = [...this.#openEvents.values()].map((event): StoreWrite => ({
      write: 'put-event',
      event: { ...event, finishedAtMs, result, failure },
    }));
    const patch = { state, failure, finishedAtMs, ...(state === 'succeeded' && { result: this.#result }) };
    const guard = { state: ['running' as const], epoch: this.#epoch };
    return [...events, { write: 'update-action', uuid: this.#action.uuid, patch, guard }];
  }

  /** The end was committed. What is staged afterwards for it is known already. */
  confirmEnd(end: ActionEnd): void {
    this.#ended = end;
    this.#openEvents.clear();
    const result = end.state === 'succeeded' ? this.#result : null;
    this.#action = { ...this.#action, ...end, result, finishedAtMs: this.#clock.now() };
  }

  #isWritten(write: StoreWrite): boolean {
    return this.#ended?.state === 'succeeded' && write.write === 'put-event' && write.event.result === 'Success';
  }

  #follow(event: InstanceActionEvent): void {
    if (event.finishedAtMs === null) this.#openEvents.set(event.id, event);
    else this.#openEvents.delete(event.id);
  }
}

import type { Clock, DriverLog } from '../driver/index.js';
import { settleWithin } from '../guard/settle.js';
import type { TaskHealth } from '../model/host-health.js';
import { operatorFailureOf } from '../recorders/operator-failure.js';

export interface PeriodicTaskDefinition {
  readonly name: string;
  /** From the end of a run to the start of the next, in milliseconds. 0: it runs only when it is hastened. */
  readonly everyMs: number;
  /** `at-random`: within the first interval, so that a fleet that was started together does not ask together. */
  readonly firstRun: 'at-once' | 'at-random';
  /** When a run is aborted, in milliseconds. */
  readonly timeoutMs: number;
  readonly run: (signal: AbortSignal) => Promise<void>;
}

export interface PeriodicTaskParts {
  readonly clock: Clock;
  readonly log: DriverLog;
  /** How long an aborted run may take to settle. */
  readonly graceMs: number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** Something that is done now and then. Never two runs at once; a run that fails or hangs is noted and harms nobody else. */
export class PeriodicTask {
  readonly #definition: PeriodicTaskDefinition;
  readonly #parts: PeriodicTaskParts;
  readonly #closing = new AbortController();
  #state: 'resting' | 'running' | 'stuck' = 'resting';
  #isHastened = false;
  /** By the monotonic clock; when it is off, never. */
  #dueMs = Infinity;
  #cancelTimer: () => void = () => undefined;
  #settled: Promise<void> = Promise.resolve();
  #lastStartedAtMs: number | null = null;
  #lastEndedAtMs: number | null = null;
  #lastFailure: TaskHealth['lastFailure'] = null;
  #failuresInARow = 0;

  constructor(definition: PeriodicTaskDefinition, parts: PeriodicTaskParts) {
    this.#definition = definition;
    this.#parts = parts;
  }

  get health(): TaskHealth {
    const { name, everyMs } = this.#definition;
    return {
      name,
      everyMs,
      state: this.#state === 'resting' && everyMs === 0 ? 'off' : this.#state,
      isLate: this.#isLate(),
      lastStartedAtMs: this.#lastStartedAtMs,
      lastEndedAtMs: this.#lastEndedAtMs,
      lastFailure: this.#lastFailure,
      failuresInARow: this.#failuresInARow,
    };
  }

  /** Begins to wait for the first run. */
  open(): void {
    const { everyMs, firstRun } = this.#definition;
    if (everyMs > 0) this.#rest(firstRun === 'at-once' ? 0 : this.#parts.random() * everyMs);
  }

  /** Has it run at once; once more after the run under way, when there is one. */
  hasten(): void {
    this.#isHastened = true;
    if (this.#state === 'resting') this.#rest(0);
  }

  /** Aborts a run under way and waits until it has settled, or has been given up. No other begins. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#cancelTimer();
    await this.#settled;
  }

  #isLate(): boolean {
    const { clock } = this.#parts;
    const { everyMs, timeoutMs } = this.#definition;
    if (this.#state === 'stuck') return true;
    if (this.#state === 'running') return clock.now() - (this.#lastStartedAtMs ?? 0) > timeoutMs;
    return clock.monotonicMs() > this.#dueMs + everyMs;
  }

  #rest(durationMs: number): void {
    const { clock } = this.#parts;
    this.#state = 'resting';
    this.#cancelTimer();
    if (this.#closing.signal.aborted) return;
    this.#dueMs = clock.monotonicMs() + durationMs;
    this.#cancelTimer = clock.after(durationMs, () => {
      this.#settled = this.#run();
    });
  }

  async #run(): Promise<void> {
    const { clock, graceMs, log } = this.#parts;
    const { name, timeoutMs, run } = this.#definition;
    this.#state = 'running';
    this.#isHastened = false;
    this.#lastStartedAtMs = clock.now();
    const deadline = { clock, timeoutMs, graceMs, signal: this.#closing.signal };
    const { settled, aborted, late } = await settleWithin(deadline, run);
    if (settled === 'never') {
      this.#note(new Error(`It was aborted ${aborted ?? ''} and has not settled within ${graceMs} ms.`));
      log.error({ task: name, timeoutMs }, 'a periodic task hangs');
      this.#state = 'stuck';
      void late.then(() => this.#end());
      return;
    }
    if (settled.status === 'fulfilled') this.#failuresInARow = 0;
    else if (aborted !== 'by caller') {
      this.#note(settled.reason);
      log.error({ err: settled.reason, task: name }, 'a periodic task failed');
    }
    this.#end();
  }

  #note(failure: unknown): void {
    this.#failuresInARow += 1;
    this.#lastFailure = { atMs: this.#parts.clock.now(), failure: operatorFailureOf(failure) };
  }

  #end(): void {
    const { everyMs } = this.#definition;
    this.#lastEndedAtMs = this.#parts.clock.now();
    this.#dueMs = Infinity;
    if (this.#isHastened) this.#rest(0);
    else if (everyMs > 0) this.#rest(everyMs);
    else this.#state = 'resting';
  }
}

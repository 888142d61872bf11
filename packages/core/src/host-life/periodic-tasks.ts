import type { Clock, DriverLog } from '../driver/index.js';
import type { TaskHealth } from '../model/host-health.js';
import { PeriodicTask, type PeriodicTaskDefinition } from './periodic-task.js';

export interface PeriodicTasksOptions {
  readonly clock: Clock;
  readonly log: DriverLog;
  /** How long an aborted run may take to settle before it counts as stuck. Default 20,000: twice a driver's grace. */
  readonly graceMs?: number;
  /** Default `Math.random`. */
  readonly random?: () => number;
}

/** What a host does now and then. Each task has its own timer: one that hangs, or takes long, keeps no other from its time. */
export class PeriodicTasks {
  readonly #tasks: ReadonlyMap<string, PeriodicTask>;
  #life: 'new' | 'open' | 'closed' = 'new';

  /** @throws TypeError for two tasks of one name */
  constructor(
    definitions: readonly PeriodicTaskDefinition[],
    { clock, log, graceMs = 20_000, random = Math.random }: PeriodicTasksOptions,
  ) {
    const parts = { clock, log, graceMs, random };
    this.#tasks = new Map(definitions.map((each) => [each.name, new PeriodicTask(each, parts)]));
    if (this.#tasks.size < definitions.length) throw new TypeError('two periodic tasks have the same name');
  }

  /** Starts the timers. Once closed, it stays so. */
  open(): void {
    if (this.#life !== 'new') return;
    this.#life = 'open';
    for (const task of this.#tasks.values()) task.open();
  }

  /** Has a task run at once. @throws TypeError when there is none of this name */
  hasten(name: string): void {
    const task = this.#tasks.get(name);
    if (!task) throw new TypeError(`there is no periodic task ${name}`);
    if (this.#life === 'open') task.hasten();
  }

  get health(): readonly TaskHealth[] {
    return [...this.#tasks.values()].map(({ health }) => health);
  }

  /** Ends all of them, at the same time. Idempotent. */
  async close(): Promise<void> {
    this.#life = 'closed';
    await Promise.all([...this.#tasks.values()].map((task) => task.close()));
  }
}

import { MemoryStore } from '@virtkit/core';
import type { CommittedInstances, StoreWrite } from '@virtkit/core/store';

/** What goes wrong with one commit. */
export type StoreFault =
  | { readonly type: 'throw'; readonly error: unknown }
  /** The commit is made; its answer is an error. */
  | { readonly type: 'lose-answer'; readonly error: unknown }
  | { readonly type: 'hang' }
  /** Something else happens at that moment, and the commit goes on. */
  | { readonly type: 'meet'; readonly meet: () => Promise<void>; readonly when: 'before' | 'after' };

interface Plan {
  readonly nth: number;
  readonly attempts: number;
  readonly fault: StoreFault;
}

/** A memory store whose nth commit goes wrong, as many attempts in a row as planned. Reads go well. */
export class FaultyStore extends MemoryStore {
  #commits: (readonly StoreWrite[])[] = [];
  #plan: Plan | undefined;
  #strikes = 0;

  /** Counts commits from here, and plans what goes wrong. Without a plan it only counts. */
  arm(plan?: Plan): void {
    this.#commits = [];
    this.#strikes = 0;
    this.#plan = plan;
  }

  /** Forgets what was planned; what was counted stays. */
  clear(): void {
    this.#plan = undefined;
  }

  /** The units that were tried since {@link arm}; repeated attempts of one are one. */
  get units(): readonly (readonly StoreWrite[])[] {
    return this.#commits;
  }

  get strikes(): number {
    return this.#strikes;
  }

  override async commit(writes: readonly StoreWrite[]): Promise<CommittedInstances> {
    // The same array again is another attempt at the same unit.
    if (!this.#commits.includes(writes)) this.#commits.push(writes);
    const plan = this.#plan;
    const isStruck = plan?.nth === this.#commits.indexOf(writes) + 1 && this.#strikes < plan.attempts;
    if (!isStruck) return await super.commit(writes);
    this.#strikes++;
    if (plan.fault.type === 'meet') {
      if (plan.fault.when === 'before') await plan.fault.meet();
      const committed = await super.commit(writes);
      if (plan.fault.when === 'after') await plan.fault.meet();
      return committed;
    }
    if (plan.fault.type === 'hang') return await new Promise<never>(() => undefined);
    if (plan.fault.type === 'lose-answer') await super.commit(writes);
    throw plan.fault.error;
  }
}

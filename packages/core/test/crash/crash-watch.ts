import type { CommittedInstances, StoreWrite } from '@virtkit/core/store';

/** A moment at which managers may die: just before, or just after, something outside of them changes. */
export interface CrashPoint {
  /** Counted from 1, over all kinds of points of an operation, or of a recovery; of `between` over what the fence lets pass. */
  readonly nth: number;
  /** `between`: the fence has let the request pass, and it is not sent yet. Known only of processes that tell. */
  readonly when: 'between' | 'before' | 'after';
}

/** Who dies when. */
export interface Death extends CrashPoint {
  /** The hosts whose managers die. */
  readonly victims: readonly string[];
}

/** A unit that the store has acknowledged. */
export interface Acknowledged {
  readonly writes: readonly StoreWrite[];
  readonly instances: CommittedInstances;
}

/** What somebody outside of the managers has been told, and may rely on whoever dies. */
export class Witness {
  /** By the store, to the managers. */
  readonly acknowledged: Acknowledged[] = [];
  /** By the managers, to those who asked for something. */
  readonly acceptedActions: string[] = [];
  /** By the managers, to those who listen. */
  readonly deliveredNotifications: string[] = [];
}

/** Counts the points of an operation, or of a recovery, and has the victims killed at the deadly one. */
export class CrashWatch {
  readonly points: string[] = [];
  /** What the fence has let pass: other than the points it does not mix with commits, which may come at the same time. */
  readonly passed: string[] = [];
  readonly witness: Witness;
  readonly #death: Death | undefined;
  readonly #kill: (victims: readonly string[]) => void;
  readonly #killed = Promise.withResolvers<void>();
  #hasKilled = false;

  constructor(witness: Witness, death: Death | undefined, kill: (victims: readonly string[]) => void) {
    this.witness = witness;
    this.#death = death;
    this.#kill = kill;
  }

  get hasKilled(): boolean {
    return this.#hasKilled;
  }

  /** Resolves when the victims are dead. Never when they do not come to their point. */
  get killed(): Promise<void> {
    return this.#killed.promise;
  }

  /** The fence of a process has let something pass, which is about to be sent. */
  between(name: string): void {
    this.#pass({ nth: this.passed.push(name), when: 'between' });
  }

  /** A point is about to be reached. Answers with its number. */
  before(name: string): number {
    const nth = this.points.push(name);
    this.#pass({ nth, when: 'before' });
    return nth;
  }

  after(nth: number): void {
    this.#pass({ nth, when: 'after' });
  }

  #pass({ nth, when }: CrashPoint): void {
    if (this.#death?.nth !== nth || this.#death.when !== when) return;
    this.#hasKilled = true;
    this.#kill(this.#death.victims);
    this.#killed.resolve();
  }
}

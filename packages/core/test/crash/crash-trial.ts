import { instanceUuid } from '../support/stories/story.js';
import type { CrashCase } from './crash-case.js';
import { brokenAfterCrash } from './crash-promises.js';
import { Witness, type CrashWatch, type Death } from './crash-watch.js';
import { interruptedAction } from './interrupted-action.js';
import { precious, type Precious } from './precious.js';
import { ProcessDied } from './process-line.js';
import { TrialGround } from './trial-ground.js';
import { wayOutProblems } from './way-out.js';

export interface TrialEnd {
  readonly problems: readonly string[];
  /** What the last recovery came by, of which nobody died. */
  readonly recoveryPoints: readonly string[];
}

/**
 * Where managers are killed. Each death is of a process of its own: the one that recovers from it and is looked at begins the next trial,
 * in which it dies.
 */
export class CrashTrials implements AsyncDisposable {
  readonly #ground: TrialGround;
  #kills = 0;

  /** @param programs the directory of the manager's program */
  constructor(programs: string) {
    this.#ground = new TrialGround(programs);
  }

  /** How often managers were killed. */
  get kills(): number {
    return this.#kills;
  }

  /** The names of the points of an operation that goes well, in order. */
  async pointsOf(story: CrashCase): Promise<readonly string[]> {
    return (await this.#ground.pointsOf(story)).points;
  }

  /**
   * Kills managers at a point of an operation and starts others in their place, the same again at a point of the recovery for every further
   * death, and tells what the last recovery has not put right.
   */
  async die(story: CrashCase, deaths: readonly [Death, ...Death[]]): Promise<TrialEnd> {
    try {
      return await this.#dieAndLook(story, deaths);
    } catch (failure) {
      return { problems: this.#ground.withLog([`it breaks off: ${(failure as Error).message}`]), recoveryPoints: [] };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ground[Symbol.asyncDispose]();
  }

  async #dieAndLook(story: CrashCase, [death, ...further]: readonly [Death, ...Death[]]): Promise<TrialEnd> {
    const { fleet } = this.#ground;
    return await this.#ground.inRoom(story, async (room) => {
      await story.prepare(fleet);
      const before = precious(room, instanceUuid);
      const witness = new Witness();
      const watch = fleet.watch(witness, death);
      await unlessDead(() => story.perform(fleet));
      if (!this.#counted(watch)) return { problems: ['it did not come to this point'], recoveryPoints: [] };
      for (const again of further) {
        const recovery = fleet.watch(witness, again);
        // Who lives may wait for one that is dead.
        await Promise.race([recovery.killed, unlessDead(() => fleet.recover())]);
        this.#counted(recovery);
      }
      const { points: recoveryPoints } = fleet.watch(witness);
      await fleet.recover();
      return { problems: await this.#look(story, before, witness), recoveryPoints };
    });
  }

  #counted({ hasKilled }: CrashWatch): boolean {
    if (hasKilled) this.#kills += 1;
    return hasKilled;
  }

  async #look(story: CrashCase, before: Precious, witness: Witness): Promise<readonly string[]> {
    const { fleet } = this.#ground;
    fleet.unwatch();
    const action = await interruptedAction(fleet, witness);
    const broken = await brokenAfterCrash({ fleet, story, instanceUuid, witness, before, action });
    const problems = [...broken, ...(await story.problems(fleet, action)), ...(await wayOutProblems(fleet, story))];
    return this.#ground.withLog(problems);
  }
}

async function unlessDead(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (failure) {
    if (!(failure instanceof ProcessDied)) throw failure;
  }
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instanceUuid } from '../support/stories/story.js';
import type { CrashCase } from './crash-case.js';
import { brokenAfterCrash } from './crash-promises.js';
import { Witness, type CrashWatch, type Death } from './crash-watch.js';
import { interruptedAction } from './interrupted-action.js';
import { MachineRoom } from './machine-room.js';
import { ManagerFleet } from './manager-fleet.js';
import { precious, type Precious } from './precious.js';
import { ProcessDied } from './process-line.js';
import { wayOutProblems } from './way-out.js';

export interface TrialEnd {
  readonly problems: readonly string[];
  /** What the last recovery came by, of which nobody died. */
  readonly recoveryPoints: readonly string[];
}

/** Of a line of the log, in the report of a trial. */
const LOG_CHARACTERS_MAX = 600;

/**
 * Where managers are killed. Each death is of a process of its own: the one that recovers from it and is looked at begins the next trial,
 * in which it dies.
 */
export class CrashTrials implements AsyncDisposable {
  readonly #fleet: ManagerFleet;
  #kills = 0;

  /** @param programs the directory of the manager's program */
  constructor(programs: string) {
    this.#fleet = new ManagerFleet(programs);
  }

  /** How often managers were killed. */
  get kills(): number {
    return this.#kills;
  }

  /** The names of the points of an operation that goes well, in order. */
  async pointsOf(story: CrashCase): Promise<readonly string[]> {
    return await this.#inRoom(story, async (room) => {
      await story.prepare(this.#fleet);
      const { points } = this.#fleet.watch(new Witness());
      const { state, operation, failure } = await story.perform(this.#fleet);
      if (state !== 'succeeded') throw new Error(`${story.name} fails by itself: ${failure?.message}`);
      if (operation !== story.operation) throw new Error(`${story.name} is about ${operation}`);
      if (precious(room, instanceUuid).disk === 'lost' && story.rootDisk === 'stays')
        throw new Error(`${story.name} loses the root disk by itself`);
      return points;
    });
  }

  /**
   * Kills managers at a point of an operation and starts others in their place, the same again at a point of the recovery for every further
   * death, and tells what the last recovery has not put right.
   */
  async die(story: CrashCase, deaths: readonly [Death, ...Death[]]): Promise<TrialEnd> {
    try {
      return await this.#dieAndLook(story, deaths);
    } catch (failure) {
      return { problems: [`it breaks off: ${(failure as Error).message}`, ...this.#log()], recoveryPoints: [] };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fleet.killAll();
  }

  async #dieAndLook(story: CrashCase, [death, ...further]: readonly [Death, ...Death[]]): Promise<TrialEnd> {
    return await this.#inRoom(story, async (room) => {
      await story.prepare(this.#fleet);
      const before = precious(room, instanceUuid);
      const witness = new Witness();
      const watch = this.#fleet.watch(witness, death);
      await unlessDead(() => story.perform(this.#fleet));
      if (!this.#counted(watch)) return { problems: ['it did not come to this point'], recoveryPoints: [] };
      for (const again of further) {
        const recovery = this.#fleet.watch(witness, again);
        // Who lives may wait for one that is dead.
        await Promise.race([recovery.killed, unlessDead(() => this.#fleet.recover())]);
        this.#counted(recovery);
      }
      const { points: recoveryPoints } = this.#fleet.watch(witness);
      await this.#fleet.recover();
      return { problems: await this.#look(story, before, witness), recoveryPoints };
    });
  }

  #counted({ hasKilled }: CrashWatch): boolean {
    if (hasKilled) this.#kills += 1;
    return hasKilled;
  }

  async #look(story: CrashCase, before: Precious, witness: Witness): Promise<readonly string[]> {
    const fleet = this.#fleet;
    fleet.unwatch();
    const action = await interruptedAction(fleet, witness);
    const broken = await brokenAfterCrash({ fleet, story, instanceUuid, witness, before, action });
    const problems = [...broken, ...(await story.problems(fleet, action)), ...(await wayOutProblems(fleet, story))];
    return problems.length > 0 ? [...problems, ...this.#log()] : [];
  }

  #log(): readonly string[] {
    return this.#fleet.logLines.map((text) => `log: ${text.slice(0, LOG_CHARACTERS_MAX)}`);
  }

  /** A process that has failed a trial is not fit for the next one. */
  async #inRoom<Value>({ hosts, storage }: CrashCase, work: (room: MachineRoom) => Promise<Value>): Promise<Value> {
    const directory = await mkdtemp(join(tmpdir(), 'vk-crash-'));
    using room = new MachineRoom(hosts, storage);
    try {
      await this.#fleet.open(room, join(directory, 'records.db'));
      const value = await work(room);
      this.#fleet.unwatch();
      await this.#fleet.close();
      return value;
    } catch (failure) {
      await this.#fleet.killAll();
      throw failure;
    } finally {
      this.#fleet.unwatch();
      await rm(directory, { recursive: true });
    }
  }
}

async function unlessDead(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (failure) {
    if (!(failure instanceof ProcessDied)) throw failure;
  }
}

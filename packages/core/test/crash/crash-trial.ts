import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InstanceAction } from '@virtkit/core';
import type { ProvidedCompute } from '../support/memory-providers.js';
import { instanceUuid } from '../support/stories/story.js';
import type { CrashCase } from './crash-case.js';
import { brokenAfterCrash } from './crash-promises.js';

import { MachineRoom } from './machine-room.js';
import { ManagerProcess, type Acknowledged, type CrashPoint } from './manager-process.js';
import { precious, type Precious } from './precious.js';
import { ProcessDied } from './process-line.js';
import { wayOutProblems } from './way-out.js';

export interface TrialEnd {
  readonly problems: readonly string[];
  readonly claims: number;
}

/** Of a line of the log, in the report of a trial. */
const LOG_CHARACTERS_MAX = 600;

/**
 * Where managers are killed. Each death is of a process of its own: the one that recovers from it and is looked at begins the next trial,
 * in which it dies.
 */
export class CrashTrials implements AsyncDisposable {
  readonly #programs: string;
  #process: ManagerProcess | undefined;
  #kills = 0;

  /** @param programs the directory of the manager's program */
  constructor(programs: string) {
    this.#programs = programs;
  }

  get kills(): number {
    return this.#kills;
  }

  /** The names of the points of an operation that goes well, in order. */
  async pointsOf(story: CrashCase): Promise<readonly string[]> {
    return await this.#inRoom(story, async (room, path) => {
      const manager = this.#living();
      const { points, action } = await this.#carryOut(manager, room, path, story);
      if (action?.state !== 'succeeded') throw new Error(`${story.name} fails by itself: ${action?.failure?.message}`);
      manager.unwatch();
      await manager.close();
      return points;
    });
  }

  /** Kills a manager at a point of an operation, starts another, and tells what that has not put right. */
  async dieAt(story: CrashCase, point: CrashPoint): Promise<TrialEnd> {
    return await this.#inRoom(story, async (room, path) => {
      const dying = this.#living();
      const { before, acknowledged, hasDied } = await this.#carryOut(dying, room, path, story, point);
      await dying.kill();
      this.#process = undefined;
      this.#kills += 1;
      if (!hasDied) return { problems: ['it did not come to this point'], claims: 0 };

      const next = this.#living();
      await next.open(room, path);
      const fake = next.fakeOf();
      const action = await interruptedAction(fake, acknowledged);
      const { broken, claims } = await brokenAfterCrash({
        room,
        fake,
        guest: story.guest,
        instanceUuid,
        acknowledged,
        before,
        action,
      });
      const problems = [...broken, ...(await story.problems(next, action)), ...(await wayOutProblems(next, story))];
      if (problems.length > 0)
        problems.push(...next.logLines.map((text) => `log: ${text.slice(0, LOG_CHARACTERS_MAX)}`));
      await next.close();
      return { problems, claims };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.kill();
  }

  #living(): ManagerProcess {
    this.#process ??= new ManagerProcess(this.#programs);
    return this.#process;
  }

  /** A process that has failed a trial is not fit for the next one. */
  async #inRoom<Value>(
    { hosts, storage }: CrashCase,
    work: (room: MachineRoom, storePath: string) => Promise<Value>,
  ): Promise<Value> {
    const directory = await mkdtemp(join(tmpdir(), 'vk-crash-'));
    using room = new MachineRoom(hosts, storage);
    try {
      return await work(room, join(directory, 'records.db'));
    } catch (failure) {
      await this.#process?.kill();
      this.#process = undefined;
      throw failure;
    } finally {
      await rm(directory, { recursive: true });
    }
  }

  async #carryOut(manager: ManagerProcess, room: MachineRoom, path: string, story: CrashCase, deadly?: CrashPoint) {
    await manager.open(room, path);
    await story.prepare(manager);
    const before: Precious = precious(room, instanceUuid);
    const { points, acknowledged } = await manager.watch(deadly);
    let action: InstanceAction | undefined;
    try {
      action = await story.perform(manager);
    } catch (failure) {
      if (!(failure instanceof ProcessDied)) throw failure;
    }
    const hasDied = action === undefined;
    return { before, points, acknowledged, action, hasDied };
  }
}

/** The action of the operation that was cut off, if the store had accepted it. */
async function interruptedAction(
  { store }: ProvidedCompute,
  acknowledged: readonly Acknowledged[],
): Promise<InstanceAction | undefined> {
  const writes = acknowledged.flatMap((unit) => unit.writes);
  const created = writes.find((write) => write.write === 'create-action');
  return created && (await store.getAction(created.action.uuid));
}

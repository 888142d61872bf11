import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instanceUuid } from '../support/stories/story.js';
import type { CrashCase } from './crash-case.js';
import { Witness, type CrashWatch } from './crash-watch.js';
import { MachineRoom } from './machine-room.js';
import { ManagerFleet, type FleetOptions } from './manager-fleet.js';
import { precious } from './precious.js';

/** Of a line of the log, in the report of a trial. */
const LOG_CHARACTERS_MAX = 600;

/** Where managers are killed, or paused: their processes, which serve one trial after another, each in a machine room of its own. */
export class TrialGround implements AsyncDisposable {
  readonly fleet: ManagerFleet;

  /** @param programs the directory of the manager's program */
  constructor(programs: string, options?: FleetOptions) {
    this.fleet = new ManagerFleet(programs, options);
  }

  /** The names of the points of an operation that goes well, in order. */
  async pointsOf(story: CrashCase): Promise<Pick<CrashWatch, 'points' | 'passed'>> {
    return await this.inRoom(story, async (room) => {
      await story.prepare(this.fleet);
      const watch = this.fleet.watch(new Witness());
      const { state, operation, failure } = await story.perform(this.fleet);
      if (state !== 'succeeded') throw new Error(`${story.name} fails by itself: ${failure?.message}`);
      if (operation !== story.operation) throw new Error(`${story.name} is about ${operation}`);
      if (precious(room, instanceUuid).disk === 'lost' && story.rootDisk === 'stays')
        throw new Error(`${story.name} loses the root disk by itself`);
      return watch;
    });
  }

  /** Problems with what was logged; nothing when there are none. */
  withLog(problems: readonly string[]): readonly string[] {
    if (problems.length === 0) return [];
    return [...problems, ...this.fleet.logLines.map((text) => `log: ${text.slice(0, LOG_CHARACTERS_MAX)}`)];
  }

  /** A process that has failed a trial is not fit for the next one. */
  async inRoom<Value>({ hosts, storage }: CrashCase, work: (room: MachineRoom) => Promise<Value>): Promise<Value> {
    const directory = await mkdtemp(join(tmpdir(), 'vk-trial-'));
    using room = new MachineRoom(hosts, storage);
    try {
      await this.fleet.open(room, join(directory, 'records.db'));
      const value = await work(room);
      this.fleet.unwatch();
      await this.fleet.close();
      return value;
    } catch (failure) {
      await this.fleet.killAll();
      throw failure;
    } finally {
      this.fleet.unwatch();
      await rm(directory, { recursive: true });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fleet.killAll();
  }
}

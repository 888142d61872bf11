import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instanceUuid } from '../support/stories/story.js';
import type { CrashCase } from './crash-case.js';
import { Witness, type Death } from './crash-watch.js';
import { interruptedAction } from './interrupted-action.js';
import { MachineRoom } from './machine-room.js';
import { ManagerFleet } from './manager-fleet.js';
import type { LateRequest } from './paused-managers.js';
import { bystanderUuid } from './precious.js';
import { wayOutProblems } from './way-out.js';

/** The shortest lease that a manager takes, in milliseconds. */
const LEASE_MS = 1_000;
const LOG_CHARACTERS_MAX = 600;

export interface PauseEnd {
  readonly problems: readonly string[];
  readonly late: readonly LateRequest[];
}

/**
 * Where managers are stopped as SIGSTOP does it, until their lease is over and others have taken their hosts; then they go on. The records,
 * the hypervisors and the providers are in other processes, which go on meanwhile.
 */
export class PauseTrials implements AsyncDisposable {
  readonly #fleet: ManagerFleet;

  /** @param programs the directory of the manager's program */
  constructor(programs: string) {
    const session = { leaseMs: LEASE_MS, takeOver: 'when-expired' } as const;
    this.#fleet = new ManagerFleet(programs, { session, records: 'apart', points: 'fence too' });
  }

  /** The names of the points of an operation that goes well, in order. */
  async pointsOf(story: CrashCase): Promise<readonly string[]> {
    return await this.#inRoom(story, async () => {
      await story.prepare(this.#fleet);
      const { points } = this.#fleet.watch(new Witness());
      const { state, failure } = await story.perform(this.#fleet);
      if (state !== 'succeeded') throw new Error(`${story.name} fails by itself: ${failure?.message}`);
      return [...points];
    });
  }

  /** Pauses managers at a point of an operation, and tells what they have still done when they went on. */
  async pause(story: CrashCase, pause: Death): Promise<PauseEnd> {
    try {
      return await this.#inRoom(story, (room) => this.#pauseAndLook(story, pause, room));
    } catch (failure) {
      return { problems: [`it breaks off: ${(failure as Error).message}`, ...this.#log()], late: [] };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fleet.killAll();
  }

  async #pauseAndLook(story: CrashCase, pause: Death, room: MachineRoom): Promise<PauseEnd> {
    const fleet = this.#fleet;
    await story.prepare(fleet);
    const witness = new Witness();
    const watch = fleet.watch(witness, pause, 'pause');
    const performed = story.perform(fleet);
    performed.catch(() => undefined);
    await Promise.race([watch.killed, performed]);
    if (!watch.hasKilled) return { problems: ['it did not come to this point'], late: [] };
    fleet.unwatch();
    await fleet.recover();
    const left = await pictureOf(room);
    const late = await fleet.goOn();
    const problems = [
      ...late.filter(({ outcome }) => outcome === 'done').map(({ step }) => `${step} of the paused manager was done`),
      ...(late.length > requestsOnTheWay(pause)
        ? [`the paused manager has asked for ${late.map(({ step }) => step).join()}`]
        : []),
      ...((await pictureOf(room)) === left ? [] : ['something has changed since the paused manager went on']),
      ...(await story.problems(fleet, await interruptedAction(fleet, witness))),
      ...(await wayOutProblems(fleet, story)),
    ];
    return { problems: problems.length > 0 ? [...problems, ...this.#log()] : [], late };
  }

  #log(): readonly string[] {
    return this.#fleet.logLines.map((text) => `log: ${text.slice(0, LOG_CHARACTERS_MAX)}`);
  }

  /** A process that has failed a trial is not fit for the next one. */
  async #inRoom<Value>({ hosts, storage }: CrashCase, work: (room: MachineRoom) => Promise<Value>): Promise<Value> {
    const directory = await mkdtemp(join(tmpdir(), 'vk-pause-'));
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

/** One that the fence has let pass, or that was sent, and has not arrived. */
function requestsOnTheWay({ when }: Death): number {
  return when === 'after' ? 0 : 1;
}

/** Everything that hypervisors and providers hold, to be compared. */
async function pictureOf({ datacenter, hosts, images, networks, volumes }: MachineRoom): Promise<string> {
  const hypervisors = hosts.map((host) => datacenter.host(host));
  const uuids = [instanceUuid, bystanderUuid];
  return JSON.stringify({
    guests: hypervisors.map((hypervisor) => [
      hypervisor.guestUuids(),
      uuids.map((uuid) => ({ ...hypervisor.look(uuid), guest: hypervisor.look(uuid).guest?.state })),
    ]),
    images: images.ids,
    interfaces: uuids.map((uuid) => networks.idsOf(uuid)),
    volumes: uuids.map((uuid) => volumes.heldBy(uuid)),
  });
}

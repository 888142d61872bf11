import { instanceUuid } from '../support/stories/story.js';
import type { CrashCase } from './crash-case.js';
import { brokenAfterCrash } from './crash-promises.js';
import { Witness } from './crash-watch.js';
import { interruptedAction } from './interrupted-action.js';
import type { MachineRoom } from './machine-room.js';
import { placesOf, type Pause, type PausePlace } from './pause-points.js';
import type { LateRequest } from './paused-managers.js';
import { bystanderUuid, precious } from './precious.js';
import { TrialGround } from './trial-ground.js';
import { wayOutProblems } from './way-out.js';

/** The shortest lease that a manager takes, in milliseconds. */
const LEASE_MS = 1_000;

export interface PauseEnd {
  readonly problems: readonly string[];
  readonly late: readonly LateRequest[];
}

/**
 * Where managers are stopped as SIGSTOP does it, until their lease is over and others have taken their hosts; then they go on. The records,
 * the hypervisors and the providers are in other processes, which go on meanwhile.
 */
export class PauseTrials implements AsyncDisposable {
  readonly #ground: TrialGround;

  /** @param programs the directory of the manager's program */
  constructor(programs: string) {
    const session = { leaseMs: LEASE_MS, takeOver: 'when-expired' } as const;
    this.#ground = new TrialGround(programs, {
      ...{ session, records: 'apart', providers: 'apart', points: 'fence too' },
    });
  }

  /** Where managers may be paused in the middle of an operation that goes well. */
  async placesOf(story: CrashCase): Promise<readonly PausePlace[]> {
    return placesOf(await this.#ground.pointsOf(story));
  }

  /** Pauses managers at a point of an operation, and tells what they have still done when they went on. */
  async pause(story: CrashCase, pause: Pause): Promise<PauseEnd> {
    try {
      return await this.#ground.inRoom(story, (room) => this.#pauseAndLook(story, pause, room));
    } catch (failure) {
      return { problems: this.#ground.withLog([`it breaks off: ${(failure as Error).message}`]), late: [] };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ground[Symbol.asyncDispose]();
  }

  async #pauseAndLook(story: CrashCase, pause: Pause, room: MachineRoom): Promise<PauseEnd> {
    const { fleet } = this.#ground;
    await story.prepare(fleet);
    const before = precious(room, instanceUuid);
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
    const action = await interruptedAction(fleet, witness);
    const problems = [
      ...late
        .filter(({ outcome }) => outcome !== 'refused')
        .map(({ step, outcome }) => `${step} of the paused manager was ${outcome}, not refused for its epoch`),
      ...late
        .filter(({ wasSent }) => !wasSent && !isBesideOthers(pause))
        .map(({ step }) => `the paused manager has asked for ${step} when it went on`),
      ...(late.length > pause.victims.length ? [`${late.length} requests were on their way`] : []),
      ...((await pictureOf(room)) === left ? [] : ['something has changed since the paused manager went on']),
      ...(await brokenAfterCrash({ fleet, story, instanceUuid, witness, before, action })),
      ...(await story.problems(fleet, action)),
      ...(await wayOutProblems(fleet, story)),
    ];
    return { problems: this.#ground.withLog(problems), late };
  }
}

/**
 * Progress is committed while the driver works. So a process that is stopped at a commit may have its one request just behind the fence, and
 * nobody has been told of it yet. Whatever it is, it is refused.
 */
function isBesideOthers({ name }: Pause): boolean {
  return name === 'commit';
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

import { isComputeError, MemoryStore, requestContext, type AcceptedAction, type Compute } from '@virtkit/core';
import { FakeHypervisor, VirtualClock } from '@virtkit/driver-fake';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRequest } from './support/fake-compute.js';
import { PausableManager, type ChangingCall } from './support/pausable-manager.js';
import { storyCount } from './support/story-count.js';

const verbs = ['start', 'stop', 'pause', 'unpause', 'suspend', 'resume', 'softReboot', 'hardReboot'] as const;
type Verb = (typeof verbs)[number] | 'delete' | 'create';

const instanceUuids = [1, 2, 3].map((nth) => `00000000-0000-4000-8000-00000000000${nth}`);
const LEASE_MS = 30_000;

type Step =
  | { readonly step: 'ask'; readonly verb: Verb; readonly instance: number; readonly manager: number }
  | { readonly step: 'wait'; readonly durationMs: number }
  | { readonly step: 'pause'; readonly manager: number; readonly durationMs: number };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        step: fc.constant('ask' as const),
        verb: fc.oneof(
          { weight: 12, arbitrary: fc.constantFrom<Verb>(...verbs) },
          { weight: 1, arbitrary: fc.constantFrom<Verb>('delete', 'create') },
        ),
        instance: fc.nat({ max: instanceUuids.length - 1 }),
        manager: fc.nat({ max: 1 }),
      }),
    },
    { weight: 6, arbitrary: fc.record({ step: fc.constant('wait' as const), durationMs: fc.nat({ max: 60 }) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        step: fc.constant('pause' as const),
        manager: fc.nat({ max: 1 }),
        durationMs: fc.nat({ max: 3 * LEASE_MS }),
      }),
    },
  ),
  { minLength: 30, maxLength: 120, size: 'max' },
);

const context = () => requestContext({ projectId: 'project-1', userId: 'user-1' });

function ask({ api }: Compute, verb: Verb, uuid: string): Promise<AcceptedAction> {
  switch (verb) {
    case 'create':
      return api.create(context(), createRequest({ uuid }));
    case 'softReboot':
      return api.reboot(context(), uuid, 'SOFT');
    case 'hardReboot':
      return api.reboot(context(), uuid, 'HARD');
    default:
      return api[verb](context(), uuid);
  }
}

/** A host whose manager has a standby: whoever is paused for longer than its lease is replaced by the other. */
class World {
  readonly clock = new VirtualClock();
  readonly store = new MemoryStore({ now: () => this.clock.now() });
  readonly hypervisor = new FakeHypervisor({ clock: this.clock });
  readonly problems: string[] = [];
  readonly underWay: ChangingCall[] = [];
  readonly asked: Promise<unknown>[] = [];
  /** How often a manager has taken the host. */
  takings = 0;
  #managers: (PausableManager | undefined)[] = [undefined, undefined];

  /** The manager of a place, made anew when it has lost the host. Resolves with the compute only once it has the host. */
  manager(place: number): PausableManager {
    const present = this.#managers[place];
    if (present) return present;
    const { clock, store, hypervisor } = this;
    const made = new PausableManager({
      clock,
      store,
      hypervisor,
      leaseMs: LEASE_MS,
      onChange: (call) => this.#begin(call),
    });
    this.#managers[place] = made;
    // Whoever cannot take the host, or has lost it, makes room for a new try.
    const leave = (): void => {
      if (this.#managers[place] === made) this.#managers[place] = undefined;
    };
    made.compute.then((compute) => {
      this.takings += 1;
      compute.events.on('session.lost', leave);
    }, leave);
    return made;
  }

  ask(step: Extract<Step, { step: 'ask' }>): void {
    const uuid = instanceUuids[step.instance] ?? '';
    const manager = this.manager(step.manager);
    const asking = manager.compute.then((compute) => ask(compute, step.verb, uuid));
    this.asked.push(asking.then(({ finished }) => finished).catch((failure: unknown) => this.#refused(failure)));
  }

  /** Lets everything come to its end. */
  async settle(): Promise<void> {
    for (const manager of this.#managers) manager?.goOn();
    let isSettled = false;
    void Promise.all(this.asked).then(() => (isSettled = true));
    for (let turn = 0; !isSettled && turn < 20_000; turn++) await this.clock.advanceToNext();
    if (!isSettled) this.problems.push('a request was never answered');
    for (const manager of this.#managers) {
      if (!manager) continue;
      const closing = manager.compute.then((compute) => compute.close()).catch(() => undefined);
      let isClosed = false;
      void closing.then(() => (isClosed = true));
      while (!isClosed) await this.clock.advanceToNext();
    }
  }

  /** How many actions have succeeded. */
  async succeeded(): Promise<number> {
    const actions = await Promise.all(instanceUuids.map((uuid) => this.store.listActions(uuid)));
    return actions.flat().filter(({ state }) => state === 'succeeded').length;
  }

  #begin(call: ChangingCall): () => void {
    const other = this.underWay.find(({ instanceUuid }) => instanceUuid === call.instanceUuid);
    // The contract lets these overtake one that hangs; here they may come while it is being cancelled.
    const mayOvertake = call.method === 'destroy' || call.method === 'powerOff';
    if (other && !mayOvertake) this.problems.push(`${call.method} began while ${other.method} was under way`);
    this.underWay.push(call);
    return () => void this.underWay.splice(this.underWay.indexOf(call), 1);
  }

  /** What a busy or replaced manager may say; anything else is a fault of ours. */
  #refused(failure: unknown): void {
    const expected = [
      'INSTANCE_NOT_FOUND',
      'INSTANCE_EXISTS',
      'INSTANCE_INVALID_STATE',
      'UNEXPECTED_TASK_STATE',
      'INSTANCE_QUARANTINED',
      'SESSION_LOST',
      'HOST_TAKEN',
      'MANAGER_CLOSED',
    ] as const;
    if (!expected.some((code) => isComputeError(failure, code))) this.problems.push(`refused with ${String(failure)}`);
  }
}

async function problemsOf(world: World, story: readonly Step[]): Promise<readonly string[]> {
  world.ask({ step: 'ask', verb: 'create', instance: 0, manager: 0 });
  world.ask({ step: 'ask', verb: 'create', instance: 1, manager: 0 });
  await world.clock.advance(1_000);
  for (const step of story) {
    if (step.step === 'ask') world.ask(step);
    else if (step.step === 'wait') await world.clock.advance(step.durationMs);
    else {
      const manager = world.manager(step.manager);
      manager.pause();
      await world.clock.advance(step.durationMs);
      manager.goOn();
    }
  }
  await world.settle();
  // One more manager than before: what the last ones could not finish, the next start settles.
  const last = world.manager(0);
  let isReady = false;
  void last.compute.then(async (compute) => {
    await compute.recovered();
    isReady = true;
  });
  for (let turn = 0; !isReady && turn < 20_000; turn++) await world.clock.advanceToNext();
  await world.clock.advance(60_000);
  return [...world.problems, ...(await recordProblems(world))];
}

/** What the records say after everything has settled. */
async function recordProblems({ store, hypervisor }: World): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const instance of await store.listInstances({ vmState: [...everyVmState] })) {
    const { uuid, vmState, taskState } = instance;
    if (taskState !== null) problems.push(`instance ${uuid} is left in ${taskState}`);
    const state = hypervisor.look(uuid).guest?.state;
    const looks: Record<string, boolean> = {
      active: state === 'running',
      paused: state === 'paused',
      stopped: state === 'shut-off',
      suspended: state === 'shut-off',
      deleted: state === undefined,
      error: true,
    };
    if (!looks[vmState]) problems.push(`instance ${uuid} is ${vmState} and its guest ${state ?? 'absent'}`);
    const actions = (await store.listActions(uuid)).toReversed();
    for (const action of actions) {
      if (action.finishedAtMs === null) problems.push(`action ${action.operation} is left ${action.state}`);
      const events = await store.listEvents(action.uuid);
      if (events.some(({ finishedAtMs }) => finishedAtMs === null)) problems.push('an event is left open');
    }
    const done = actions.filter(({ state: end, priority }) => end === 'succeeded' && priority === 'normal');
    const isInOrder = done.every(({ startedAtMs }, index) => (startedAtMs ?? 0) >= (done[index - 1]?.startedAtMs ?? 0));
    if (!isInOrder) problems.push(`the actions of instance ${uuid} were not done in the order they were accepted`);
  }
  return problems;
}

const everyVmState = ['building', 'active', 'stopped', 'paused', 'suspended', 'error', 'deleted'] as const;

describe('many callers on few instances, and a manager that is paused for longer than its lease', () => {
  it(
    'never does two things to one instance at once, keeps the order, and leaves nothing half done',
    async () => {
      const told = { asked: 0, succeeded: 0, takenOver: 0 };
      await fc.assert(
        fc.asyncProperty(steps, async (story) => {
          const world = new World();
          const problems = await problemsOf(world, story);
          told.asked += world.asked.length;
          told.succeeded += await world.succeeded();
          told.takenOver += Math.max(0, world.takings - 1);
          expect(problems).toEqual([]);
        }),
        { numRuns: storyCount(400) },
      );
      // Enough has happened for the above to mean something.
      expect(told.asked).toBeGreaterThan(10_000);
      expect(told.succeeded).toBeGreaterThan(1_000);
      expect(told.takenOver).toBeGreaterThan(200);
    },
    storyCount(400) * 1_000,
  );
});

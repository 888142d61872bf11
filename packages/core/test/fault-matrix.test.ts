import { ComputeError, requestContext, type ComputeError as AnyComputeError } from '@virtkit/core';
import { suppressedFailuresOf } from '@virtkit/core/driver';
import type { Fault, FaultPoint } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { createRequest, fakeCompute, tenant, type FakeCompute } from './support/fake-compute.js';
import { FaultyStore, type StoreFault } from './support/faulty-store.js';
import { brokenPromises, foreignError } from './support/promises.js';

/**
 * Every driver call and every store write of an operation fails in turn, in every way a call can fail. Whatever happens, the
 * promises hold; then the way out works: a hard reboot repairs, a delete leaves nothing.
 */
type Story =
  'build' | 'hardReboot' | 'softReboot' | 'terminate' | 'stop' | 'start' | 'pause' | 'unpause' | 'suspend' | 'resume';

/** What has to happen before the operation, and the operation. */
const stories: Record<Story, { readonly before: readonly Story[]; readonly wayOut: 'repair' | 'delete' }> = {
  build: { before: [], wayOut: 'delete' },
  hardReboot: { before: ['build'], wayOut: 'repair' },
  softReboot: { before: ['build'], wayOut: 'repair' },
  terminate: { before: ['build'], wayOut: 'delete' },
  stop: { before: ['build'], wayOut: 'repair' },
  start: { before: ['build', 'stop'], wayOut: 'repair' },
  pause: { before: ['build'], wayOut: 'repair' },
  unpause: { before: ['build', 'pause'], wayOut: 'repair' },
  suspend: { before: ['build'], wayOut: 'repair' },
  resume: { before: ['build', 'suspend'], wayOut: 'repair' },
};

const instanceUuid = '11111111-2222-4333-8444-555555555555';

async function begin({ compute }: FakeCompute, story: Story) {
  // A context of its own, so that its notifications can be told from those of what went before.
  const context = requestContext({ projectId: tenant.projectId, userId: tenant.userId });
  switch (story) {
    case 'build':
      return await compute.api.create(context, createRequest({ uuid: instanceUuid }));
    case 'hardReboot':
      return await compute.api.reboot(context, instanceUuid, 'HARD');
    case 'softReboot':
      return await compute.api.reboot(context, instanceUuid, 'SOFT');
    case 'terminate':
      return await compute.api.delete(context, instanceUuid);
    default:
      return await compute.api[story](context, instanceUuid);
  }
}

async function perform(fake: FakeCompute, story: Story) {
  const accepted = await fake.settled(begin(fake, story));
  return await fake.settled(accepted.finished);
}

/** A host where everything has gone well so far. */
async function prepared(story: Story): Promise<{ readonly fake: FakeCompute; readonly store: FaultyStore }> {
  const store = new FaultyStore();
  const fake = await fakeCompute({ store });
  for (const earlier of stories[story].before) {
    expect(await perform(fake, earlier), earlier).toMatchObject({ state: 'succeeded' });
  }
  fake.hypervisor.journal.clear();
  store.arm();
  return { fake, store };
}

async function wayOutProblems(fake: FakeCompute, story: Story): Promise<readonly string[]> {
  fake.hypervisor.faults.clear();
  const instance = await fake.store.getInstance(instanceUuid);
  if (instance.vmState === 'deleted') return [];
  if (stories[story].wayOut === 'repair') {
    const { state, failure } = await perform(fake, 'hardReboot');
    if (state !== 'succeeded') return [`the next hard reboot does not repair the instance: ${failure?.message}`];
  }
  const { state, failure } = await perform(fake, 'terminate');
  if (state !== 'succeeded') return [`the instance cannot be deleted: ${failure?.message}`];
  const { guest, disks, vifs } = fake.hypervisor.look(instanceUuid);
  return guest || disks.length > 0 || vifs.length > 0 ? ['deleting the instance leaves something of it behind'] : [];
}

/** Ends the manager, and tells whether anything of it goes on. */
async function afterlife(fake: FakeCompute): Promise<readonly string[]> {
  await fake.settled(fake.compute.close());
  return fake.clock.sleeperCount === 0 ? [] : [`${fake.clock.sleeperCount} waits go on after the end`];
}

interface DriverFault {
  readonly name: string;
  readonly fault: () => Fault;
  readonly planted: 'canaries' | 'nothing';
  readonly cancelled?: true;
}

const driverFaults: readonly DriverFault[] = [
  {
    name: 'a ComputeError',
    fault: () => ({
      type: 'throw',
      error: new ComputeError(
        'GUEST_OPERATION_FAILED',
        { instanceUuid, operation: 'do it' },
        { cause: foreignError() },
      ),
    }),
    planted: 'canaries',
  },
  { name: 'a foreign error', fault: () => ({ type: 'throw', error: foreignError() }), planted: 'canaries' },
  {
    name: 'a foreign error after the work',
    fault: () => ({ type: 'throw', error: foreignError(), when: 'after' }),
    planted: 'canaries',
  },
  { name: 'a thrown string', fault: () => ({ type: 'throw', error: foreignError().message }), planted: 'canaries' },
  { name: 'a thrown undefined', fault: () => ({ type: 'throw', error: undefined }), planted: 'nothing' },
  { name: 'a hang until its deadline', fault: () => ({ type: 'hang', until: 'abort' }), planted: 'nothing' },
  { name: 'a hang for ever', fault: () => ({ type: 'hang', until: 'never' }), planted: 'nothing' },
  { name: 'a lost answer', fault: () => ({ type: 'lose-answer' }), planted: 'nothing' },
  { name: 'a cancel meanwhile', fault: () => ({ type: 'delay', delayMs: 1_000 }), planted: 'nothing', cancelled: true },
];

async function underDriverFault(
  story: Story,
  point: FaultPoint,
  { fault, planted, cancelled }: DriverFault,
): Promise<readonly string[]> {
  const { fake } = await prepared(story);
  const plan = fake.hypervisor.faults.add({ ...point, fault: fault() });
  const accepted = await fake.settled(begin(fake, story));
  if (cancelled) {
    await fake.clock.advance(500);
    await fake.compute.api.cancel(tenant, accepted.action.uuid);
  }
  const action = await fake.settled(accepted.finished);
  // What was set aside is asked about again; that takes a while.
  await fake.clock.advance(120_000);
  const problems = [
    ...(plan.strikes > 0 ? [] : ['the fault did not strike']),
    ...(await brokenPromises({ fake, instanceUuid, action, planted, lostWrites: 'none' })),
    ...(await wayOutProblems(fake, story)),
    ...(await afterlife(fake)),
  ];
  return problems;
}

describe('every driver call fails in turn', () => {
  it.each(Object.keys(stories) as Story[])('%s keeps the promises', async (story) => {
    const { fake } = await prepared(story);
    expect(await perform(fake, story)).toMatchObject({ state: 'succeeded' });
    const points = fake.hypervisor.journal.points();
    expect(points.length).toBeGreaterThan(1);

    const broken: string[] = [];
    for (const point of points) {
      for (const fault of driverFaults) {
        const problems = await underDriverFault(story, point, fault);
        broken.push(...problems.map((problem) => `${fault.name} at ${point.at} ${point.nth}: ${problem}`));
      }
    }
    expect(broken).toEqual([]);
  });
});

interface StoreFaultRow {
  readonly name: string;
  readonly fault: () => StoreFault;
  /** How many attempts in a row: the manager makes three. */
  readonly attempts: number;
}

const storeFaults: readonly StoreFaultRow[] = [
  {
    name: 'a ComputeError once',
    fault: () => ({ type: 'throw', error: new ComputeError('STORE_UNAVAILABLE', {}, { cause: foreignError() }) }),
    attempts: 1,
  },
  { name: 'a foreign error once', fault: () => ({ type: 'throw', error: foreignError() }), attempts: 1 },
  { name: 'a lost answer', fault: () => ({ type: 'lose-answer', error: foreignError() }), attempts: 1 },
  { name: 'a hang once', fault: () => ({ type: 'hang' }), attempts: 1 },
  { name: 'a foreign error to the end', fault: () => ({ type: 'throw', error: foreignError() }), attempts: 3 },
  { name: 'a hang to the end', fault: () => ({ type: 'hang' }), attempts: 3 },
];

async function underStoreFault(
  story: Story,
  nth: number,
  { fault, attempts }: StoreFaultRow,
): Promise<readonly string[]> {
  const { fake, store } = await prepared(story);
  const driverFault = fake.hypervisor.faults;
  store.arm({ nth, attempts, fault: fault() });
  const accepted = await fake.settled(begin(fake, story).catch((failure: unknown) => failure as AnyComputeError));
  if (accepted instanceof Error) {
    // The request was not accepted: nothing may have been written.
    const isRefusal =
      'code' in accepted && accepted.code === 'STORE_UNAVAILABLE' && suppressedFailuresOf(accepted).length === 0;
    const left = await fake.store.listInstances({ taskState: 'set' });
    return isRefusal && left.length === 0
      ? afterlife(fake)
      : [`a refused request left ${left.length} task states: ${accepted.message}`];
  }
  const action = await fake.settled(accepted.finished);
  await fake.clock.advance(120_000);
  driverFault.clear();
  return [
    ...(store.strikes > 0 ? [] : ['the fault did not strike']),
    ...(attempts === 1 && action.state !== 'succeeded'
      ? [`a moment's failure of the store ends in ${action.failure?.code}`]
      : []),
    ...(await brokenPromises({
      fake,
      instanceUuid,
      action,
      planted: 'nothing',
      lostWrites: attempts > 1 ? 'some' : 'none',
    })),
    ...(await wayOutProblems(fake, story)),
    ...(await afterlife(fake)),
  ];
}

describe('every store write fails in turn', () => {
  it.each(Object.keys(stories) as Story[])('%s keeps the promises', async (story) => {
    const { fake, store } = await prepared(story);
    expect(await perform(fake, story)).toMatchObject({ state: 'succeeded' });
    const units = store.units.length;

    const broken: string[] = [];
    for (let nth = 1; nth <= units; nth++) {
      for (const row of storeFaults) {
        const problems = await underStoreFault(story, nth, row);
        broken.push(...problems.map((problem) => `${row.name} at commit ${nth} of ${units}: ${problem}`));
      }
    }
    expect(broken).toEqual([]);
  });
});

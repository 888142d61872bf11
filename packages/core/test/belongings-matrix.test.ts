import { requestContext, type InstanceAction } from '@virtkit/core';
import { driverMethods, type Fault } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { brokenBelongings } from './support/belongings-promises.js';
import { callFaults } from './support/call-faults.js';
import { tenant } from './support/fake-compute.js';
import { providedCompute, type ProvidedCompute } from './support/memory-providers.js';
import { brokenPromises } from './support/promises.js';
import { deviceStories, storyInstanceUuid as uuid, type DeviceStory } from './support/stories/devices.js';

/**
 * Every call to a provider and to the driver fails in turn, in every way a call can fail, and the process dies before and after each. Whatever
 * happens, the promises of the manager hold, and the instance's record, its providers and its guest agree of what it has; then a delete gives
 * everything back.
 */
type MatrixFault = Extract<Fault, { readonly type: 'throw' | 'hang' | 'lose-answer' }>;

interface FaultRow {
  readonly name: string;
  readonly fault: () => MatrixFault;
  readonly planted: 'canaries' | 'nothing';
}

const faultRows: readonly FaultRow[] = [
  ...callFaults,
  { name: 'a lost answer', fault: () => ({ type: 'lose-answer' }), planted: 'nothing' },
];

interface Point {
  readonly at: string;
  readonly nth: number;
}

const isDriverCall = (at: string): boolean => (driverMethods as readonly string[]).includes(at);

async function begin(fake: ProvidedCompute, story: DeviceStory) {
  const context = requestContext({ projectId: tenant.projectId, userId: tenant.userId });
  return await story.begin(fake, context);
}

async function perform(fake: ProvidedCompute, story: DeviceStory): Promise<InstanceAction> {
  const accepted = await fake.settled(begin(fake, story));
  await fake.settled(accepted.finished);
  return await fake.store.getAction(accepted.action.uuid);
}

async function prepared({ before }: DeviceStory): Promise<ProvidedCompute> {
  const fake = await providedCompute();
  for (const earlier of before) {
    const story = deviceStories.find(({ name }) => name === earlier);
    if (story) expect(await perform(fake, story), earlier).toMatchObject({ state: 'succeeded' });
  }
  fake.providerFaults.clearCalls();
  fake.hypervisor.journal.clear();
  return fake;
}

/** Every call that a story asks of providers and of the driver when all goes well. */
async function pointsOf(story: DeviceStory): Promise<readonly Point[]> {
  const fake = await prepared(story);
  expect(await perform(fake, story), story.name).toMatchObject({ state: 'succeeded' });
  expect(await brokenBelongings(fake, uuid)).toEqual([]);
  const driverPoints = fake.hypervisor.journal.points().filter(({ at }) => isDriverCall(at));
  await fake.settled(fake.compute.close());
  return [...fake.providerFaults.points(), ...driverPoints.map(({ at, nth = 1 }) => ({ at, nth }))];
}

function plan(fake: ProvidedCompute, { at, nth }: Point, fault: Fault): { readonly strikes: number } {
  if (!isDriverCall(at)) return fake.providerFaults.add({ at, nth, fault: fault as MatrixFault });
  return fake.hypervisor.faults.add({ at: at as (typeof driverMethods)[number], nth, fault });
}

async function leftAfterDelete(fake: ProvidedCompute): Promise<readonly string[]> {
  if ((await fake.store.getInstance(uuid)).vmState !== 'deleted') {
    const { finished } = await fake.settled(fake.compute.api.delete(tenant, uuid));
    const { state, failure } = await fake.settled(finished);
    if (state !== 'succeeded') return [`the instance cannot be deleted: ${failure?.message}`];
  }
  return (await brokenBelongings(fake, uuid)).map((problem) => `after a delete ${problem}`);
}

async function underFault(story: DeviceStory, point: Point, { fault, planted }: FaultRow): Promise<readonly string[]> {
  const fake = await prepared(story);
  const planned = plan(fake, point, fault());
  const accepted = await fake.settled(begin(fake, story).catch(() => 'refused' as const));
  if (accepted === 'refused')
    return (await fake.store.listInstances({ taskState: 'set' })).map(() => 'a task state is left');
  await fake.settled(accepted.finished);
  await fake.clock.advance(120_000);
  fake.providerFaults.clear();
  const action = await fake.store.getAction(accepted.action.uuid);
  const problems = [
    ...(planned.strikes > 0 ? [] : ['the fault did not strike']),
    ...(await brokenPromises({ fake, instanceUuid: uuid, action, planted, lostWrites: 'none' })),
    // A delete that has failed has given some back: the next one goes on.
    ...(action.operation === 'terminate' ? [] : await brokenBelongings(fake, uuid)),
    ...(await leftAfterDelete(fake)),
  ];
  await fake.settled(fake.compute.close());
  return problems;
}

async function afterDeath(story: DeviceStory, point: Point, when: 'before' | 'after'): Promise<readonly string[]> {
  const dying = await prepared(story);
  const died = Promise.withResolvers<void>();
  plan(dying, point, { type: 'die', die: died.resolve, when });
  const accepted = await dying.settled(Promise.race([begin(dying, story), died.promise]));
  if (!accepted) return [];
  await dying.settled(Promise.race([accepted.finished, died.promise]));
  const next = await dying.restarted();
  const fake = { ...dying, ...next };
  const action = await fake.store.getAction(accepted.action.uuid);
  const isRedone = !['build'].includes(action.operation);
  const problems = [
    ...(isRedone && action.state !== 'succeeded' ? [`it ended as ${action.state}: ${action.failure?.message}`] : []),
    ...(isRedone ? await brokenBelongings(fake, uuid) : []),
    ...(await leftAfterDelete(fake)),
  ];
  await fake.settled(fake.compute.close());
  return problems;
}

describe.each(deviceStories)('$name', (story) => {
  it('keeps the promises when a call fails', async () => {
    const broken: string[] = [];
    for (const point of await pointsOf(story)) {
      for (const row of faultRows) {
        const problems = await underFault(story, point, row);
        broken.push(...problems.map((problem) => `${row.name} at ${point.at} ${point.nth}: ${problem}`));
      }
    }
    expect(broken).toEqual([]);
  });

  it('is found done or done again when the process has died', async () => {
    const broken: string[] = [];
    for (const point of await pointsOf(story)) {
      for (const when of ['before', 'after'] as const) {
        const problems = await afterDeath(story, point, when);
        broken.push(...problems.map((problem) => `${when} ${point.at} ${point.nth}: ${problem}`));
      }
    }
    expect(broken).toEqual([]);
  });
});

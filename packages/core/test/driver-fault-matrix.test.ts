import { ComputeError } from '@virtkit/core';
import type { Fault, FaultPoint } from '@virtkit/driver-fake';
import { afterAll, describe, expect, it } from 'vitest';
import { admin } from './support/fake-compute.js';
import { brokenPromises, claimCount, foreignError } from './support/promises.js';
import { storyNames } from './support/stories/all-stories.js';
import { instanceUuid } from './support/stories/story.js';
import { afterlife, begin, perform, prepared, wayOutProblems } from './support/story-host.js';
import { Tally } from './support/tally.js';

/**
 * Every driver call and every step of the hypervisor of every operation fails in turn, in every way one can fail. Whatever happens, the
 * promises hold; then the way out works: a hard reboot repairs, a delete leaves nothing.
 */
const tally = new Tally('driver calls');

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
  story: string,
  point: FaultPoint,
  { fault, planted, cancelled }: DriverFault,
): Promise<readonly string[]> {
  const { fake } = await prepared(story);
  const plan = fake.hypervisor.faults.add({ ...point, fault: fault() });
  const accepted = await fake.settled(begin(fake, story));
  if (cancelled) {
    await fake.clock.advance(500);
    await fake.compute.api.cancel(admin, accepted.action.uuid);
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
  it.each(storyNames)('%s keeps the promises', async (story) => {
    const { fake } = await prepared(story);
    expect(await perform(fake, story)).toMatchObject({ state: 'succeeded' });
    const points = fake.hypervisor.journal.points();
    expect(points.length).toBeGreaterThan(1);
    tally.operations += 1;

    const broken: string[] = [];
    for (const point of points) {
      for (const fault of driverFaults) {
        const problems = await underDriverFault(story, point, fault);
        broken.push(...tally.count(problems).map((problem) => `${fault.name} at ${point.at} ${point.nth}: ${problem}`));
      }
    }
    expect(broken).toEqual([]);
  });
});

afterAll(() => tally.print(claimCount()));

import type { FaultPoint } from '@virtkit/driver-fake';
import { afterAll, describe, expect, it } from 'vitest';
import { driverFaults, type DriverFault } from './support/driver-faults.js';
import { claimCount } from './support/promises.js';
import { storyNames } from './support/stories/all-stories.js';
import { begin, brokenByFailingCall, perform, prepared } from './support/story-host.js';
import { Tally } from './support/tally.js';

/**
 * Every driver call and every step of the hypervisor of every operation fails in turn, in every way one can fail. Whatever happens, the
 * promises hold; then the way out works: a hard reboot repairs, a delete leaves nothing.
 */
const tally = new Tally('driver calls');

async function underDriverFault(
  story: string,
  point: FaultPoint,
  { fault, planted, cancelled }: DriverFault,
): Promise<readonly string[]> {
  const { fake } = await prepared(story);
  const plan = fake.hypervisor.faults.add({ ...point, fault: fault() });
  const accepted = await fake.settled(begin(fake, story));
  return await brokenByFailingCall(fake, story, accepted, { plan, planted, cancelled });
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

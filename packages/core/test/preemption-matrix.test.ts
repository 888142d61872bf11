import { afterAll, describe, expect, it } from 'vitest';
import { mayPreempt, nameOf, preempt, preemptionPoints, preemptors } from './support/preemption.js';
import { claimCount } from './support/promises.js';
import { storyNames } from './support/stories/all-stories.js';
import { Tally } from './support/tally.js';

/**
 * Every operation is preempted before and after every driver call, hypervisor step, provider call and commit of it, by every operation that may
 * preempt it. Afterwards record, providers, guest and notifications agree, nothing is left open, and the way out works.
 */
const tally = new Tally('preemptions');
let reached = 0;
let refused = 0;

describe('every operation is preempted at every point', () => {
  it.each(storyNames)(
    '%s leaves records, providers and guest in agreement',
    async (story) => {
      const broken: string[] = [];
      const points = await preemptionPoints(story);
      tally.operations += 1;
      for (const preemptor of preemptors.filter((each) => mayPreempt(each, story))) {
        for (const point of points) {
          const { end, problems } = await preempt(story, preemptor, point);
          if (end !== 'not reached') reached += 1;
          if (end === 'refused') refused += 1;
          const missed = end === 'not reached' ? ['is not reached'] : [];
          const found = tally.count([...missed, ...problems]);
          broken.push(...found.map((problem) => `${preemptor} ${nameOf(point)}: ${problem}`));
        }
      }
      expect(broken).toEqual([]);
    },
    120_000,
  );
});

describe('every operation is preempted at every point by a force stop that is cancelled before it begins', () => {
  it.each(storyNames)(
    '%s leaves records, providers and guest in agreement within two minutes',
    async (story) => {
      const broken: string[] = [];
      for (const point of mayPreempt('forceStop', story) ? await preemptionPoints(story) : []) {
        const { problems } = await preempt(story, 'forceStop', point, 'cancelled');
        broken.push(...tally.count(problems).map((problem) => `${nameOf(point)}: ${problem}`));
      }
      expect(broken).toEqual([]);
    },
    120_000,
  );
});

afterAll(() => {
  tally.print(claimCount());
  console.log(`preemptions: ${reached} points reached, ${refused} of them where the preempting request is refused`);
});

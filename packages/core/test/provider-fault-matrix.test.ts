import { afterAll, describe, expect, it } from 'vitest';
import { claimCount } from './support/promises.js';
import { providerFaults } from './support/provider-fault-rows.js';
import { storyNames } from './support/stories/all-stories.js';
import { begin, brokenByFailingCall, perform, prepared } from './support/story-host.js';
import { Tally } from './support/tally.js';

/** Every call to a provider of images, networks or volumes fails in turn, in every way one can fail. The promises hold, and the way out works. */
const tally = new Tally('provider calls');

describe('every call to a provider fails in turn', () => {
  it.each(storyNames)(
    '%s keeps the promises',
    async (story) => {
      const { fake: well } = await prepared(story);
      expect(await perform(well, story)).toMatchObject({ state: 'succeeded' });
      tally.operations += 1;

      const broken: string[] = [];
      for (const point of well.providerFaults.points()) {
        for (const { name, fault, planted, cancelled } of providerFaults) {
          const { fake } = await prepared(story);
          const plan = fake.providerFaults.add({ ...point, fault: fault() });
          const accepted = await fake.settled(begin(fake, story).catch((failure: unknown) => failure as Error));
          // What a request names is looked up before anything is written; then it is refused.
          if (accepted instanceof Error) {
            const left = await fake.store.listInstances({ taskState: 'set' });
            broken.push(
              ...tally.count(left.length > 0 ? [`a refused request left a task state: ${accepted.message}`] : []),
            );
            continue;
          }
          const problems = await brokenByFailingCall(fake, story, accepted, { plan, planted, cancelled });
          broken.push(...tally.count(problems).map((problem) => `${name} at ${point.at} ${point.nth}: ${problem}`));
        }
      }
      expect(broken).toEqual([]);
    },
    60_000,
  );
});

afterAll(() => tally.print(claimCount()));

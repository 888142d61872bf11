import { ComputeError } from '@virtkit/core';
import type { ProviderFault } from './support/provider-faults.js';
import { afterAll, describe, expect, it } from 'vitest';
import { admin } from './support/fake-compute.js';
import { brokenPromises, claimCount, foreignError } from './support/promises.js';
import { storyNames } from './support/stories/all-stories.js';
import { instanceUuid } from './support/stories/story.js';
import { afterlife, begin, perform, prepared, wayOutProblems } from './support/story-host.js';
import { Tally } from './support/tally.js';

/** Every call to a provider of images, networks or volumes fails in turn, in every way one can fail. The promises hold, and the way out works. */
const tally = new Tally('provider calls');

interface ProviderFaultRow {
  readonly name: string;
  readonly fault: () => ProviderFault;
  readonly planted: 'canaries' | 'nothing';
  readonly cancelled?: true;
}

const unavailable = (): ComputeError => new ComputeError('STORE_UNAVAILABLE', {}, { cause: foreignError() });

const providerFaults: readonly ProviderFaultRow[] = [
  { name: 'a ComputeError', fault: () => ({ type: 'throw', error: unavailable() }), planted: 'canaries' },
  { name: 'a foreign error', fault: () => ({ type: 'throw', error: foreignError() }), planted: 'canaries' },
  {
    name: 'a foreign error after the work',
    fault: () => ({ type: 'throw', error: foreignError(), when: 'after' }),
    planted: 'canaries',
  },
  { name: 'a hang until its deadline', fault: () => ({ type: 'hang', until: 'abort' }), planted: 'nothing' },
  { name: 'a hang for ever', fault: () => ({ type: 'hang', until: 'never' }), planted: 'nothing' },
  { name: 'a lost answer', fault: () => ({ type: 'lose-answer' }), planted: 'nothing' },
  { name: 'a cancel meanwhile', fault: () => ({ type: 'delay', delayMs: 1_000 }), planted: 'nothing', cancelled: true },
];

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
          if (cancelled) {
            await fake.clock.advance(500);
            await fake.compute.api.cancel(admin, accepted.action.uuid);
          }
          const action = await fake.settled(accepted.finished);
          await fake.clock.advance(120_000);
          const problems = [
            ...(plan.strikes > 0 ? [] : ['the fault did not strike']),
            ...(await brokenPromises({ fake, instanceUuid, action, planted, lostWrites: 'none' })),
            ...(await wayOutProblems(fake, story)),
            ...(await afterlife(fake)),
          ];
          broken.push(...tally.count(problems).map((problem) => `${name} at ${point.at} ${point.nth}: ${problem}`));
        }
      }
      expect(broken).toEqual([]);
    },
    60_000,
  );
});

afterAll(() => tally.print(claimCount()));

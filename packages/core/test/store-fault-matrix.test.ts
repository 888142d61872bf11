import type { ComputeError as AnyComputeError } from '@virtkit/core';
import { suppressedFailuresOf } from '@virtkit/core/driver';
import { afterAll, describe, expect, it } from 'vitest';
import { brokenPromises, claimCount } from './support/promises.js';
import { storeFaults, type StoreFaultRow } from './support/store-faults.js';
import { storyNames } from './support/stories/all-stories.js';
import { instanceUuid } from './support/stories/story.js';
import { afterlife, begin, perform, prepared, wayOutProblems } from './support/story-host.js';
import { Tally } from './support/tally.js';

/** Every store write of every operation fails in turn, in every way one can fail. Whatever happens, the promises hold; then the way out works. */
const tally = new Tally('store writes');

async function underStoreFault(
  story: string,
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
  it.each(storyNames)('%s keeps the promises', async (story) => {
    const { fake, store } = await prepared(story);
    expect(await perform(fake, story)).toMatchObject({ state: 'succeeded' });
    const units = store.units.length;
    tally.operations += 1;

    const broken: string[] = [];
    for (let nth = 1; nth <= units; nth++) {
      for (const row of storeFaults) {
        const problems = await underStoreFault(story, nth, row);
        broken.push(...tally.count(problems).map((problem) => `${row.name} at commit ${nth} of ${units}: ${problem}`));
      }
    }
    expect(broken).toEqual([]);
  });
});

afterAll(() => tally.print(claimCount()));

import { afterAll, describe, expect, it } from 'vitest';
import { allMoveStories } from './support/further-move-stories.js';
import { beginMove, endMove, preparedMove, problemsOfMove } from './support/move-case.js';
import { claimCount } from './support/promises.js';
import { providerFaults } from './support/provider-fault-rows.js';
import { Tally } from './support/tally.js';

/** Every call of a move to a provider of images, networks or volumes fails in turn, whichever manager makes it. The promises hold. */
const tally = new Tally('provider calls of moves');

describe('every call of a move to a provider fails in turn', () => {
  it.each(allMoveStories.map((story) => [story.name, story] as const))(
    '%s keeps the promises',
    async (_name, story) => {
      const clean = await preparedMove(story, 'own');
      await endMove(story, clean, await beginMove(story, clean));
      const points = clean.hosts.providerFaults.points();
      await clean.hosts[Symbol.asyncDispose]();
      tally.operations += 1;

      const broken: string[] = [];
      for (const point of points) {
        for (const { name, fault, planted, cancelled } of providerFaults) {
          const problems = await problemsOfMove(story, 'own', {
            plan: ({ hosts }) => hosts.providerFaults.add({ ...point, fault: fault() }),
            planted,
            ...(cancelled && { cancelled }),
          });
          broken.push(...tally.count(problems).map((problem) => `${name} at ${point.at} ${point.nth}: ${problem}`));
        }
      }
      expect(broken).toEqual([]);
    },
  );
});

afterAll(() => tally.print(claimCount()));

import { afterAll, describe, expect, it } from 'vitest';
import { allMoveStories } from './support/further-move-stories.js';
import { beginMove, endMove, preparedMove, problemsOfMove } from './support/move-case.js';
import { claimCount } from './support/promises.js';
import { storeFaults } from './support/store-faults.js';
import { Tally } from './support/tally.js';

/** Every store write of every move fails in turn, whichever manager makes it, in every way one can fail. The promises hold. */
const tally = new Tally('store writes of moves');

describe('every store write of a move fails in turn', () => {
  it.each(allMoveStories.map((story) => [story.name, story] as const))(
    '%s keeps the promises',
    async (_name, story) => {
      const clean = await preparedMove(story, 'own');
      await endMove(story, clean, await beginMove(story, clean));
      const units = clean.store.units.length;
      await clean.hosts[Symbol.asyncDispose]();
      tally.operations += 1;

      const broken: string[] = [];
      for (let nth = 1; nth <= units; nth++) {
        for (const { name, fault, attempts } of storeFaults) {
          const problems = await problemsOfMove(story, 'own', {
            plan: ({ store }) => {
              store.arm({ nth, attempts, fault: fault() });
              return store;
            },
            lostWrites: attempts > 1 ? 'some' : 'none',
          });
          broken.push(...tally.count(problems).map((problem) => `${name} at commit ${nth} of ${units}: ${problem}`));
        }
      }
      expect(broken).toEqual([]);
    },
  );
});

afterAll(() => tally.print(claimCount()));

import { afterAll, describe, expect, it } from 'vitest';
import { allMoveStories } from './support/further-move-stories.js';
import { beginMove, endMove, preparedMove, problemsOfMove } from './support/move-case.js';
import { peerFaults } from './support/peer-faults.js';
import { claimCount } from './support/promises.js';
import { swept } from './support/sweep.js';
import { Tally } from './support/tally.js';

/** Every call from one manager to another fails in turn, in every way one can fail: on the way, or at the other end. The promises hold. */
const tally = new Tally('peer calls of moves');

describe.each(['own', 'shared'] as const)('every peer call of a move fails in turn, with %s storage', (storage) => {
  it.each(allMoveStories.map((story) => [story.name, story] as const))(
    '%s keeps the promises',
    async (_name, story) => {
      const clean = await preparedMove(story, storage);
      await endMove(story, clean, await beginMove(story, clean));
      const calls = [...clean.peers.calls];
      await clean.hosts[Symbol.asyncDispose]();
      tally.operations += 1;

      const broken: string[] = [];
      for (const [index, method] of swept([...calls.entries()], storage === 'own' ? 1 : 4)) {
        for (const { name, fault, planted, cancelled } of peerFaults) {
          const problems = await problemsOfMove(story, storage, {
            plan: ({ peers }) => {
              peers.arm({ nth: index + 1, fault: fault() });
              return peers;
            },
            planted,
            ...(cancelled && { cancelled }),
          });
          broken.push(...tally.count(problems).map((problem) => `${name} at ${method} ${index + 1}: ${problem}`));
        }
      }
      expect(broken).toEqual([]);
    },
  );
});

afterAll(() => tally.print(claimCount()));

import { afterAll, describe, expect, it } from 'vitest';
import { furtherStoryOf } from './support/further-move-stories.js';
import { deleteInMove, movePoints, nameOfPoint } from './support/move-preemption.js';
import { moveStories } from './support/move-stories.js';
import { claimCount } from './support/promises.js';
import { Tally } from './support/tally.js';
import { hostNames } from './support/two-hosts.js';

/**
 * Every move is preempted by a delete before and after every driver call, hypervisor step, provider call and commit of it; the delete is
 * submitted at either host. Move and delete end within seconds, one end of each is told, and nothing is left at either host.
 */
const tally = new Tally('deletes in moves');
let preempted = 0;

describe('a delete and the move that it preempts do not wait for each other', () => {
  it.each([...moveStories, furtherStoryOf('cold migration')])(
    '$name',
    async (story) => {
      const broken: string[] = [];
      const points = await movePoints(story);
      tally.operations += 1;
      for (const host of hostNames) {
        for (const point of points) {
          const { end, problems } = await deleteInMove(story, point, host);
          if (end === 'preempted') preempted += 1;
          const missed = end === 'not reached' ? ['is not reached'] : [];
          const found = tally.count([...missed, ...problems]);
          broken.push(...found.map((problem) => `at ${host} ${nameOfPoint(point)}: ${problem}`));
        }
      }
      expect(broken).toEqual([]);
    },
    120_000,
  );
});

afterAll(() => {
  tally.print(claimCount());
  console.log(`deletes in moves: ${preempted} moves preempted`);
});

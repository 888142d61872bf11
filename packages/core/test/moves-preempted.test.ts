import { afterAll, describe, expect, it } from 'vitest';
import { furtherStoryOf } from './support/further-move-stories.js';
import { interfere, interferences } from './support/move-interference.js';
import { deleteInMove, movePoints, nameOfPoint } from './support/move-preemption.js';
import { moveStories } from './support/move-stories.js';
import { claimCount } from './support/promises.js';
import { Tally } from './support/tally.js';
import { hostNames } from './support/two-hosts.js';

/**
 * Every move is preempted by a delete before and after every driver call, hypervisor step, provider call and commit of it; the delete is
 * submitted at either host. Move and delete end within seconds, one end of each is told, and nothing is left at either host.
 */
const tally = new Tally('preempted moves');
let preempted = 0;
const ends: Record<string, { accepted: number; refused: number; 'not reached': number }> = {};

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

describe('whatever else is asked in the middle of a move leaves record, hosts and providers in agreement', () => {
  const stories = [...moveStories, furtherStoryOf('cold migration')];
  const cases = stories.flatMap((story) =>
    interferences.map((each) => ({ story, each, name: story.name, asked: each.name })),
  );

  it.each(cases)(
    '$asked in $name',
    async ({ story, each }) => {
      const broken: string[] = [];
      for (const point of await movePoints(story)) {
        const { end, problems } = await interfere(story, point, each);
        (ends[each.name] ??= { accepted: 0, refused: 0, 'not reached': 0 })[end] += 1;
        const missed = end === 'not reached' ? ['is not reached'] : [];
        broken.push(...tally.count([...missed, ...problems]).map((problem) => `${nameOfPoint(point)}: ${problem}`));
      }
      expect(broken).toEqual([]);
    },
    120_000,
  );
});

afterAll(() => {
  for (const [name, counts] of Object.entries(ends)) {
    console.log(
      `${name} in moves: ${counts.accepted} accepted, ${counts.refused} refused, ${counts['not reached']} not reached`,
    );
  }

  tally.print(claimCount());
  console.log(`deletes in moves: ${preempted} moves preempted`);
});

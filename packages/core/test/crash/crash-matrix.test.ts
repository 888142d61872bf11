import { rm } from 'node:fs/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { crashCases } from './crash-case.js';
import { CrashTrials } from './crash-trial.js';
import { bundleManager } from './manager-bundle.js';
import type { CrashPoint } from './manager-process.js';

/**
 * A manager in a process of its own is killed, as a power cut does it, at every commit to its store, every change of the hypervisor and every
 * change of a provider that an operation makes. Another one is started on what is left, and everything that was promised must be so.
 *
 * What is so after one point is so before the next one. So one moment of each point is enough, as a rule: just after it. `VIRTKIT_CRASH_POINTS=all`
 * takes both, and of the less used operations every point instead of every fourth.
 */
const takesAll = process.env['VIRTKIT_CRASH_POINTS'] === 'all';
const programs = await bundleManager();
afterAll(() => rm(programs, { recursive: true }));

function deathsAt(points: readonly string[], everyNth: number): readonly CrashPoint[] {
  const after = points.map((_, index): CrashPoint => ({ nth: index + 1, when: 'after' }));
  const before = points.map((_, index): CrashPoint => ({ nth: index + 1, when: 'before' }));
  if (takesAll) return [...before, ...after];
  // The last one of each four, so that the first commits, which are the same everywhere, are not what is looked at.
  return [...(everyNth === 1 ? before.slice(0, 1) : []), ...after.filter(({ nth }) => nth % everyNth === 0)];
}

const totals = { operations: 0, points: 0, kills: 0, claims: 0, violations: 0 };
afterAll(() => {
  const { operations, points, kills, claims, violations } = totals;
  console.log(
    `crash matrix: ${operations} operations, ${points} points, ${kills} kills, ${claims} checks, ${violations} violations`,
  );
});

describe.concurrent('a manager that is killed', () => {
  it.each(crashCases)(
    'in the middle of $name loses nothing and leaves nothing open',
    async (story) => {
      await using trials = new CrashTrials(programs);
      const points = await trials.pointsOf(story);
      expect(points.length).toBeGreaterThan(1);

      const broken: string[] = [];
      for (const point of deathsAt(points, story.everyNth)) {
        const { problems, claims } = await trials.dieAt(story, point);
        const place = `${point.when} ${points[point.nth - 1]} (${point.nth} of ${points.length})`;
        broken.push(...problems.map((problem) => `${place}: ${problem}`));
        totals.claims += claims;
      }
      totals.operations += 1;
      totals.points += points.length;
      totals.kills += trials.kills;
      totals.violations += broken.length;
      expect(broken).toEqual([]);
    },
    600_000,
  );
});

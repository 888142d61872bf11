import { rm } from 'node:fs/promises';
import { operations } from '@virtkit/core';
import { afterAll, describe, expect, it } from 'vitest';
import { claimCount } from '../support/promises.js';
import { casesOnOneHost } from './crash-case.js';
import { CrashTrials } from './crash-trial.js';
import { deathsAt, deathsInRecovery, sampling } from './deaths.js';
import { bundleManager } from './manager-bundle.js';
import { casesBetweenHosts } from './move-crash-case.js';

/**
 * Managers in processes of their own are killed, as a power cut does it, at every commit to their store, every change of a hypervisor and
 * every change of a provider that an operation makes; and those that come after them again, at every one of these points of their recovery.
 * Others are started on what is left, and everything that was promised must be so.
 */
const crashCases = [...casesOnOneHost, ...casesBetweenHosts];
const programs = await bundleManager();
afterAll(() => rm(programs, { recursive: true }));

const totals = { cases: 0, points: 0, kills: 0, violations: 0 };
afterAll(() => {
  const { cases, points, kills, violations } = totals;
  console.log(
    `crash matrix: ${cases} cases, ${points} points, ${kills} kills, ${claimCount()} checks, ${violations} violations`,
  );
});

it('every operation is killed in the middle of', () => {
  const killed = new Set<string>(crashCases.map(({ operation }) => operation));
  expect(Object.keys(operations).filter((name) => !killed.has(name))).toEqual([]);
});

describe.concurrent('a manager that is killed', () => {
  it.each(crashCases)(
    'in the middle of $name loses nothing and leaves nothing open',
    async (story) => {
      await using trials = new CrashTrials(programs);
      const points = await trials.pointsOf(story);
      expect(points.length).toBeGreaterThan(1);

      const broken: string[] = [];
      for (const death of deathsAt(points.length, story)) {
        const place = `${death.when} ${points[death.nth - 1]} (${death.nth} of ${points.length}) of ${death.victims.join(' and ')}`;
        const { problems, recoveryPoints } = await trials.die(story, [death]);
        broken.push(...problems.map((problem) => `${place}: ${problem}`));
        for (const again of deathsInRecovery(recoveryPoints.length, death, story)) {
          const { problems: after } = await trials.die(story, [death, again]);
          const step = `and again after ${recoveryPoints[again.nth - 1]} (${again.nth} of ${recoveryPoints.length})`;
          broken.push(...after.map((problem) => `${place}, ${step}: ${problem}`));
        }
      }
      totals.cases += 1;
      totals.points += points.length;
      totals.kills += trials.kills;
      totals.violations += broken.length;
      expect(broken).toEqual([]);
    },
    sampling.timeoutMs,
  );
});

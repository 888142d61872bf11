import { rm } from 'node:fs/promises';
import { operations } from '@virtkit/core';
import { afterAll, describe, expect, it } from 'vitest';
import { claimCount } from '../support/promises.js';
import { casesOnOneHost } from './crash-case.js';
import { bundleManager } from './manager-bundle.js';
import { casesBetweenHosts } from './move-crash-case.js';
import { pausesAt, pauseTimeoutMs, seed } from './pause-points.js';
import { PauseTrials } from './pause-trial.js';

/**
 * Managers in processes of their own are stopped by SIGSTOP for longer than their lease: before and after each step of every operation, and
 * between the answer of the fence and the effect. Others take their hosts and settle what was begun; then the first go on by SIGCONT. From
 * then on they change nothing: what was on its way already is refused by the hypervisor and the providers, for its epoch. The records and the
 * providers have processes of their own, which go on meanwhile, as the hypervisors do. Every promise of the list holds in the end.
 */
const pauseCases = [...casesOnOneHost, ...casesBetweenHosts];
const programs = await bundleManager();
afterAll(() => rm(programs, { recursive: true }));

const totals = { cases: 0, places: 0, pauses: 0, late: 0, ofProviders: 0, refused: 0, violations: 0 };
afterAll(() => {
  const { cases, places, pauses, late, ofProviders, refused, violations } = totals;
  console.log(
    `pause matrix: seed ${seed}, ${cases} cases, ${places} places, ${pauses} pauses, ` +
      `${late} requests that were on their way, ${ofProviders} of them to providers, ${refused} of them refused for their epoch, ` +
      `${claimCount()} checks, ${violations} violations`,
  );
});

it('every operation is paused in the middle of', () => {
  const paused = new Set<string>(pauseCases.map(({ operation }) => operation));
  expect(Object.keys(operations).filter((name) => !paused.has(name))).toEqual([]);
});

describe.concurrent('a manager that is paused for longer than its lease', () => {
  it.each(pauseCases)(
    'in the middle of $name changes nothing when it goes on',
    async (story) => {
      await using trials = new PauseTrials(programs);
      const places = await trials.placesOf(story);
      expect(places.length).toBeGreaterThan(1);
      const broken: string[] = [];
      for (const pause of pausesAt(places, story)) {
        const { problems, late } = await trials.pause(story, pause);
        const place = `${pause.when} ${pause.name} (${pause.nth}) of ${pause.victims.join(' and ')}`;
        broken.push(...problems.map((problem) => `seed ${seed}, ${place}: ${problem}`));
        totals.pauses += 1;
        totals.late += late.length;
        totals.ofProviders += late.filter(({ at }) => at === 'provider').length;
        totals.refused += late.filter(({ outcome }) => outcome === 'refused').length;
      }
      totals.cases += 1;
      totals.places += places.length;
      totals.violations += broken.length;
      expect(broken).toEqual([]);
    },
    pauseTimeoutMs,
  );
});

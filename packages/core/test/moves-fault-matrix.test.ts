import { afterAll, describe, expect, it } from 'vitest';
import { allMoveStories } from './support/further-move-stories.js';
import { driverFaults } from './support/driver-faults.js';
import { beginMove, driverPoints, endMove, preparedMove, problemsOfMove } from './support/move-case.js';
import { claimCount } from './support/promises.js';
import { swept } from './support/sweep.js';
import { Tally } from './support/tally.js';

/**
 * Every driver call and every step at either hypervisor of every move fails in turn, in every way one can fail. Whatever happens, the promises
 * hold: the guest is on one host, the record agrees, the other host holds and counts nothing; then the way out works.
 */
const tally = new Tally('driver calls of moves');

describe.each(['own', 'shared'] as const)('every driver call of a move fails in turn, with %s storage', (storage) => {
  it.each(allMoveStories.map((story) => [story.name, story] as const))(
    '%s keeps the promises',
    async (_name, story) => {
      const clean = await preparedMove(story, storage);
      const ended = await endMove(story, clean, await beginMove(story, clean));
      expect(ended).toMatchObject({ state: story.end ?? 'succeeded' });
      const points = driverPoints(clean);
      await clean.hosts[Symbol.asyncDispose]();
      tally.operations += 1;

      const broken: string[] = [];
      // What is so with storages of their own is mostly so with one that is shared.
      for (const { host, at, nth, outcome } of storage === 'own' ? points : swept(points, 8)) {
        for (const { name, fault, planted, cancelled } of driverFaults) {
          const planned = fault();
          if (outcome === 'failed' && 'when' in planned) continue;
          const problems = await problemsOfMove(story, storage, {
            plan: ({ hosts }) => hosts.datacenter.host(host).faults.add({ at, nth, fault: planned }),
            planted,
            ...(cancelled && { cancelled }),
          });
          broken.push(...tally.count(problems).map((problem) => `${name} at ${host} ${at} ${nth}: ${problem}`));
        }
      }
      expect(broken).toEqual([]);
    },
    120_000,
  );
});

afterAll(() => tally.print(claimCount()));

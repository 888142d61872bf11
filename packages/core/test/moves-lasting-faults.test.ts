import { afterAll, describe, expect, it } from 'vitest';
import { driverFaults } from './support/driver-faults.js';
import { allMoveStories } from './support/further-move-stories.js';
import { beginMove, driverPoints, endMove, preparedMove, problemsOfMove, type Trouble } from './support/move-case.js';
import { peerFaults } from './support/peer-faults.js';
import { claimCount } from './support/promises.js';
import { providerFaults } from './support/provider-fault-rows.js';
import { swept } from './support/sweep.js';
import { Tally } from './support/tally.js';

/**
 * From some call on every call of its kind fails, until the move has ended: whatever is tried again fails again, and so does what would take
 * the move back. It ends all the same, what is known is on record and what is not is set aside, and operators are told. Once it is mended the
 * record comes to say what is true, and the way out works.
 */
const tally = new Tally('lasting faults of moves');

const lastingFaults = ['a foreign error', 'a foreign error there', 'a lost answer', 'a hang until its deadline'];
const isLasting = ({ name }: { readonly name: string }): boolean => lastingFaults.includes(name);

type NamedTrouble = Trouble & { readonly at: string };

/** Everything that is asked of drivers, peers and providers when all goes well, as the place where a trouble begins. */
async function troublesOf(story: (typeof allMoveStories)[number]): Promise<readonly NamedTrouble[]> {
  const clean = await preparedMove(story, 'own');
  await endMove(story, clean, await beginMove(story, clean));
  const lasts = 'until it is mended';
  const atDrivers = driverPoints(clean).flatMap(({ host, at, nth }) =>
    driverFaults.filter(isLasting).map(({ name, fault }) => ({
      at: `${name} at ${host} ${at} ${nth}`,
      plan: ({ hosts }: Parameters<Trouble['plan']>[0]) =>
        hosts.datacenter.host(host).faults.add({ at, nth, fault: fault(), times: 'always' }),
    })),
  );
  const atPeers = clean.peers.calls.flatMap((method, index) =>
    [...peerFaults.filter(isLasting), ...peerFaults.slice(0, 1)].map(({ name, fault }) => ({
      at: `${name} at ${method} ${index + 1}`,
      plan: ({ peers }: Parameters<Trouble['plan']>[0]) => {
        peers.arm({ nth: index + 1, fault: fault(), times: 'always' });
        return peers;
      },
    })),
  );
  const atProviders = clean.hosts.providerFaults.points().flatMap((point) =>
    providerFaults.filter(isLasting).map(({ name, fault }) => ({
      at: `${name} at ${point.at} ${point.nth}`,
      plan: ({ hosts }: Parameters<Trouble['plan']>[0]) =>
        hosts.providerFaults.add({ ...point, fault: fault(), times: 'always' }),
    })),
  );
  await clean.hosts[Symbol.asyncDispose]();
  return [...atDrivers, ...atPeers, ...atProviders].map((trouble) => ({ ...trouble, lasts }));
}

describe('what fails until it is mended', () => {
  it.each(allMoveStories.map((story) => [story.name, story] as const))(
    '%s keeps the promises',
    async (_name, story) => {
      tally.operations += 1;
      const broken: string[] = [];
      for (const trouble of swept(await troublesOf(story), 7)) {
        const problems = await problemsOfMove(story, 'own', trouble);
        broken.push(...tally.count(problems).map((problem) => `${trouble.at}: ${problem}`));
      }
      expect(broken).toEqual([]);
    },
    120_000,
  );
});

afterAll(() => tally.print(claimCount()));

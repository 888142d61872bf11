import { afterAll, describe, expect, it } from 'vitest';
import { allMoveStories } from './support/further-move-stories.js';
import {
  beginMove,
  driverPoints,
  endMove,
  leaderOf,
  preparedMove,
  type DriverPoint,
  type Storage,
} from './support/move-case.js';
import { brokenPlaces } from './support/move-promises.js';
import type { MoveStory } from './support/move-stories.js';
import { moveWayOutProblems } from './support/move-way-out.js';
import { claimCount } from './support/promises.js';
import { swept } from './support/sweep.js';
import { Tally } from './support/tally.js';
import type { TwoHosts } from './support/two-hosts.js';

/**
 * The manager of either host dies before or after every step of a move at its hypervisor, and another starts in its place. Whatever was
 * done: the guest runs on one host, the record says so, and the other host holds nothing that is not to be kept.
 */
const tally = new Tally('deaths in moves');

async function points(story: MoveStory, storage: Storage): Promise<readonly DriverPoint[]> {
  const scene = await preparedMove(story, storage);
  await endMove(story, scene, await beginMove(story, scene));
  // The manager of a host without power has died already.
  const found = driverPoints(scene).filter(({ host }) => host !== story.dead);
  await scene.hosts[Symbol.asyncDispose]();
  return found;
}

async function problemsAfterDeath(
  story: MoveStory,
  storage: Storage,
  { host, at, nth }: DriverPoint,
  when: 'before' | 'after',
): Promise<readonly string[]> {
  const scene = await preparedMove(story, storage);
  const { hosts } = scene;
  const died = Promise.withResolvers<void>();
  const { faults } = hosts.datacenter.host(host);
  faults.add({ at, nth, fault: { type: 'die', die: died.resolve, when } });
  const accepted = await beginMove(story, scene);
  const meanwhile = story.meanwhile?.(hosts);
  // A fault that is not met any more leaves the move to end by itself.
  await hosts.alpha.settled(Promise.race([died.promise, accepted.finished]));
  faults.clear();
  const after: TwoHosts = { ...hosts, [host]: await hosts.restarted(host) };
  await hosts.clock.advance(120_000);
  if (meanwhile) await hosts.alpha.settled(meanwhile);
  const { uuid } = accepted.action;
  const settled = {
    hosts: after,
    leader: leaderOf(story, hosts),
    dead: story.dead,
    action: await hosts.store.getAction(uuid),
    failed: 'for a moment',
  } as const;
  return [...(await brokenPlaces(settled)), ...(await moveWayOutProblems(story, storage, after))];
}

describe.each(allMoveStories.map((story) => [story.name, story] as const))('%s', (_name, story) => {
  it.each(['own', 'shared'] as const)('survives the death of either manager, with %s storage', async (storage) => {
    tally.operations += 1;
    const broken: string[] = [];
    for (const point of swept(await points(story, storage), storage === 'own' ? 1 : 4)) {
      for (const when of ['before', 'after'] as const) {
        if (point.outcome === 'failed' && when === 'after') continue;
        const problems = tally.count(await problemsAfterDeath(story, storage, point, when));
        broken.push(...problems.map((problem) => `${when} ${point.at}#${point.nth} at ${point.host}: ${problem}`));
      }
    }
    expect(broken).toEqual([]);
  });
});

afterAll(() => tally.print(claimCount()));

import type { FaultPoint } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { moveStories, type MoveStory } from './support/move-stories.js';
import { brokenMovePromises } from './support/move-promises.js';
import { perform, twoHosts, type TwoHosts } from './support/two-hosts.js';
import { requestContext } from '@virtkit/core';

/**
 * The manager of either host dies before or after every step of a move at its hypervisor, and another starts in its place. Whatever was
 * done: the guest runs on one host, the record says so, and the other host holds nothing that is not to be kept.
 */
type Host = 'alpha' | 'beta';

async function prepared(story: MoveStory): Promise<TwoHosts> {
  const hosts = await twoHosts({ storage: 'own', bandwidthMibPerS: 1_000 });
  await story.before(hosts);
  for (const host of ['alpha', 'beta'] as const) hosts.datacenter.host(host).journal.clear();
  return hosts;
}

async function points(story: MoveStory, host: Host): Promise<readonly FaultPoint[]> {
  const hosts = await prepared(story);
  const fake = story.leader(hosts);
  await perform(fake, (context) => story.begin(fake, context), 'admin');
  const found = hosts.datacenter.host(host).journal.points();
  await hosts[Symbol.asyncDispose]();
  return found;
}

async function brokenAfterDeath(
  story: MoveStory,
  host: Host,
  point: FaultPoint,
  when: 'before' | 'after',
): Promise<readonly string[]> {
  const hosts = await prepared(story);
  const fake = story.leader(hosts);
  const died = Promise.withResolvers<void>();
  hosts.datacenter.host(host).faults.add({ ...point, fault: { type: 'die', die: died.resolve, when } });
  const context = requestContext({ projectId: 'operators', userId: 'root', role: 'admin' });
  const accepted = await fake.settled(story.begin(fake, context));
  // A fault that is not met any more leaves the move to end by itself.
  await fake.settled(Promise.race([died.promise, accepted.finished]));
  hosts.datacenter.host(host).faults.clear();
  const next = await hosts.restarted(host);
  const after: TwoHosts = { ...hosts, [host]: next };
  await hosts.clock.advance(60_000);
  const action = await hosts.store.getAction(accepted.action.uuid);
  return await brokenMovePromises(after, action);
}

describe.each(moveStories.map((story) => [story.name, story] as const))('%s', (_name, story) => {
  it.each(['alpha', 'beta'] as const)('survives the death of the manager of %s', { timeout: 120_000 }, async (host) => {
    const broken: string[] = [];
    for (const point of await points(story, host)) {
      for (const when of ['before', 'after'] as const) {
        const problems = await brokenAfterDeath(story, host, point, when);
        broken.push(...problems.map((problem) => `${when} ${point.at}#${point.nth}: ${problem}`));
      }
    }
    expect(broken).toEqual([]);
  });
});

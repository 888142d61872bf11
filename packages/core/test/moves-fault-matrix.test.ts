import { ComputeError, InProcessPeers } from '@virtkit/core';
import type { Fault, FaultPoint } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { FaultyPeers, type PeerFault } from './support/faulty-peers.js';
import { brokenMovePromises } from './support/move-promises.js';
import { moveStories, type MoveStory } from './support/move-stories.js';
import { instanceUuid, perform, twoHosts, type TwoHosts } from './support/two-hosts.js';

/**
 * Every step at either hypervisor and every call between managers of each move fails in turn, in every way a call can fail. Whatever
 * happens: the guest runs on one host at most, the record agrees, the other host holds nothing, and what was claimed is given back.
 */
type Host = 'alpha' | 'beta';

interface Prepared {
  readonly hosts: TwoHosts;
  readonly peers: FaultyPeers;
}

async function prepared(story: MoveStory, storage: 'own' | 'shared'): Promise<Prepared> {
  let peers = new FaultyPeers(new InProcessPeers());
  const around = (given: ConstructorParameters<typeof FaultyPeers>[0]): FaultyPeers => (peers = new FaultyPeers(given));
  const hosts = await twoHosts({ storage, bandwidthMibPerS: 1_000, peersAround: around });
  await story.before(hosts);
  for (const host of ['alpha', 'beta'] as const) hosts.datacenter.host(host).journal.clear();
  peers.arm();
  return { hosts, peers };
}

async function carryOut(story: MoveStory, { hosts }: Prepared) {
  const fake = story.leader(hosts);
  return await perform(fake, (context) => story.begin(fake, context), 'admin');
}

/** What is asked of each hypervisor when all goes well. */
async function points(story: MoveStory, storage: 'own' | 'shared'): Promise<readonly [Host, FaultPoint][]> {
  const clean = await prepared(story, storage);
  expect((await carryOut(story, clean)).failure, story.name).toBeNull();
  const found = (['alpha', 'beta'] as const).flatMap((host) =>
    clean.hosts.datacenter
      .host(host)
      .journal.points()
      .map((point): [Host, FaultPoint] => [host, point]),
  );
  await clean.hosts[Symbol.asyncDispose]();
  return found;
}

const faults: readonly (readonly [name: string, Fault])[] = [
  ['throw', { type: 'throw', error: new ComputeError('GUEST_OPERATION_FAILED', { instanceUuid, operation: 'move' }) }],
  ['throw foreign', { type: 'throw', error: new Error('libvirtd said no') }],
  [
    'lose the answer',
    { type: 'throw', error: new ComputeError('OUTCOME_UNKNOWN', { operation: 'move' }), when: 'after' },
  ],
];

const peerFaults: readonly PeerFault[] = ['refuse', 'lose the question', 'lose the answer'];

describe.each(['own', 'shared'] as const)('moves with %s storage', (storage) => {
  describe.each(moveStories.map((story) => [story.name, story] as const))('%s', (_name, story) => {
    it('keeps its promises when a step of a hypervisor fails', { timeout: 120_000 }, async () => {
      const broken: string[] = [];
      for (const [host, point] of await points(story, storage)) {
        for (const [name, fault] of faults) {
          const broke = await prepared(story, storage);
          broke.hosts.datacenter.host(host).faults.add({ ...point, fault });
          const action = await carryOut(story, broke);
          const problems = await brokenMovePromises(broke.hosts, action);
          broken.push(...problems.map((problem) => `${name} at ${host} ${point.at}#${point.nth}: ${problem}`));
          await broke.hosts[Symbol.asyncDispose]();
        }
      }
      expect(broken).toEqual([]);
    });

    it('keeps its promises when a call between managers fails', { timeout: 120_000 }, async () => {
      const clean = await prepared(story, storage);
      await carryOut(story, clean);
      const count = clean.peers.calls.length;
      await clean.hosts[Symbol.asyncDispose]();
      const broken: string[] = [];
      for (let nth = 1; nth <= count; nth++) {
        for (const fault of peerFaults) {
          const broke = await prepared(story, storage);
          broke.peers.arm({ nth, fault, times: 1 });
          const action = await carryOut(story, broke);
          const at = broke.peers.calls[nth - 1];
          const problems = await brokenMovePromises(broke.hosts, action);
          broken.push(...problems.map((problem) => `${fault} at call ${nth} ${at}: ${problem}`));
          await broke.hosts[Symbol.asyncDispose]();
        }
      }
      expect(broken).toEqual([]);
    });
  });
});

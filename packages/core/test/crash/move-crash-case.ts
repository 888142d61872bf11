import { systemClock, type InstanceAction } from '@virtkit/core';
import { createRequest } from '../support/fake-compute.js';
import { allMoveStories } from '../support/further-move-stories.js';
import { leftOn } from '../support/left-on.js';
import { imageId, volumeIds } from '../support/memory-providers.js';
import { brokenMovePromises } from '../support/move-promises.js';
import type { MoveStory } from '../support/move-stories.js';
import { instanceUuid } from '../support/stories/story.js';
import { hostNames, type TwoHosts } from '../support/two-hosts.js';
import type { CrashCase } from './crash-case.js';
import type { ManagerFleet } from './manager-fleet.js';
import { perform, performed } from './perform.js';
import { precious, writeMarks } from './precious.js';

type Storage = 'shared' | 'own';

/** The stories of moves that end by themselves, and the operation each is about. */
const operationsOfMoves = {
  'resize to another host': 'resize',
  'resize on one host': 'resize',
  'confirm a resize': 'confirmResize',
  'revert a resize': 'revertResize',
  'live migration': 'liveMigrate',
  'cold migration': 'migrate',
  evacuation: 'evacuate',
} as const;

/** Every operation between two hosts. */
export const casesBetweenHosts: readonly CrashCase[] = Object.entries(operationsOfMoves).flatMap(
  ([name, operation]) => {
    const story = allMoveStories.find((each) => each.name === name);
    if (!story) throw new TypeError(`no move is called ${name}`);
    return (['own', 'shared'] as const).map((storage) => betweenHosts(story, storage, operation));
  },
);

function betweenHosts(story: MoveStory, storage: Storage, operation: CrashCase['operation']): CrashCase {
  const { dead } = story;
  const living = hostNames.filter((host) => host !== dead);
  return {
    name: `${story.name} with ${storage} storage`,
    operation,
    hosts: hostNames,
    storage,
    guest: 'looked at elsewhere',
    victims: dead ? [living] : [['alpha'], ['beta'], ['alpha', 'beta']],
    rootDisk: 'stays',
    prepare: async (fleet) => {
      const fake = fleet.fakeOf('alpha');
      const { image: _image, networkInterfaces: _described, ...request } = createRequest({ uuid: instanceUuid });
      const belongings = { imageId, networks: [{}], volumes: [{ volumeId: volumeIds[0] }] };
      await performed(fake, ({ compute }, context) => compute.api.create(context, { ...request, ...belongings }));
      writeMarks(fake, instanceUuid);
      await story.before(twoHostsOf(fleet));
      if (dead) await fleet.lose(dead);
    },
    perform: async (fleet) => {
      const { hypervisor } = story.leader(twoHostsOf(fleet));
      return await perform(fleet.fakeOf(hypervisor.name), story.begin, 'admin');
    },
    problems: async (fleet, action) => {
      if (dead) await fleet.bringBack(dead);
      if (!action) return [];
      const again = await endedAgain(fleet, story);
      if (again && again.state !== 'succeeded') return [`the second try ends as ${again.state}`];
      return [
        ...(await brokenMovePromises(twoHostsOf(fleet), again ?? action, dead ? 'for long' : 'for a moment')),
        ...(await brokenPlaces(fleet, storage)),
      ];
    },
    wayOut: 'delete',
    everyNth: 7,
  };
}

/**
 * The manager that leads the end of a resize may live while the other host has none. It cannot do it then, and says so; the move stays
 * open, and whoever asks again when there is one has it ended.
 */
async function endedAgain(fleet: ManagerFleet, story: MoveStory): Promise<InstanceAction | undefined> {
  const [migration] = await fleet.store.listMigrations({ instanceUuid });
  if (migration?.status !== 'confirming' && migration?.status !== 'reverting') return undefined;
  const { hypervisor } = story.leader(twoHostsOf(fleet));
  return await perform(fleet.fakeOf(hypervisor.name), story.begin, 'admin');
}

/** The disk, the volume and the interfaces are where the instance is. */
async function brokenPlaces({ store, room }: ManagerFleet, storage: Storage): Promise<readonly string[]> {
  const { host } = await store.getInstance(instanceUuid);
  const [volumeId] = volumeIds;
  const [migration] = await store.listMigrations({ instanceUuid });
  const isMadeAnew = migration?.kind === 'evacuation' && host !== migration.sourceHost && storage === 'own';
  const connected = room.volumes.attachmentOf(volumeId)?.hosts ?? [];
  const bound = room.networks.hostOf(instanceUuid);
  return [
    ...(isMadeAnew || precious(room, instanceUuid).disk === 'precious' ? [] : ['what was on the root disk is lost']),
    ...(connected.join() === host ? [] : [`the volume is connected at ${connected.join(' and ') || 'no host'}`]),
    ...(bound === host ? [] : [`the interfaces are bound to ${bound}, the instance is on ${host}`]),
  ];
}

/** The managers as the stories of moves know them. */
function twoHostsOf(fleet: ManagerFleet): TwoHosts {
  const { room, store } = fleet;
  const { datacenter, images, networks, volumes, providerFaults } = room;
  return {
    ...{ images, networks, volumes, providerFaults, datacenter, store },
    alpha: fleet.fakeOf('alpha'),
    beta: fleet.fakeOf('beta'),
    // Time passes by itself, and nothing is open any more when the managers have settled.
    clock: { ...systemClock, advance: () => Promise.resolve() },
    record: () => store.getInstance(instanceUuid),
    leftOn: (host: string) => leftOn(datacenter.host(host), instanceUuid),
  } as unknown as TwoHosts;
}

import { systemClock, type InstanceAction } from '@virtkit/core';
import { createRequest } from '../support/fake-compute.js';
import { brokenMovePromises } from '../support/move-promises.js';
import { moveStories, type MoveStory } from '../support/move-stories.js';
import { instanceUuid, type Story } from '../support/stories/story.js';
import type { TwoHosts } from '../support/two-hosts.js';
import { crashStories, whole } from './crash-stories.js';
import { leftOn } from './left-on.js';
import type { ManagerProcess } from './manager-process.js';
import { perform } from './perform.js';
import { bystanderUuid, writeMarks } from './precious.js';

/** An operation in the middle of which managers are killed. */
export interface CrashCase {
  readonly name: string;
  /** Those that the process manages, all of them. */
  readonly hosts: readonly string[];
  readonly storage: 'shared' | 'own';
  readonly guest: 'on one host' | 'looked at elsewhere';
  readonly prepare: (manager: ManagerProcess) => Promise<void>;
  readonly perform: (manager: ManagerProcess) => Promise<InstanceAction>;
  /** What else is wrong after the recovery, beside what is looked at in every case. */
  readonly problems: (manager: ManagerProcess, action: InstanceAction | undefined) => Promise<readonly string[]>;
  readonly wayOut: 'repair' | 'delete';
  /** At which of its points managers are killed when there is little time: every one, every fourth. */
  readonly everyNth: 1 | 4;
}

/** What every embedder uses. */
const coreNames = [
  'build',
  'terminate',
  'start',
  'stop',
  'softReboot',
  'hardReboot',
  'pause',
  'unpause',
  'suspend',
  'resume',
];

function onOneHost(story: Story): CrashCase {
  return {
    name: story.name,
    hosts: ['host-1'],
    storage: 'own',
    guest: 'on one host',
    prepare: async (manager) => {
      const fake = manager.fakeOf();
      await perform(fake, ({ compute }, context) =>
        compute.api.create(context, createRequest({ uuid: bystanderUuid, name: 'bystander' })),
      );
      for (const earlier of whole(story).slice(0, -1)) {
        await perform(fake, earlier.begin);
        writeMarks(fake, instanceUuid);
      }
    },
    perform: (manager) => perform(manager.fakeOf(), story.begin),
    problems: () => Promise.resolve([]),
    wayOut: story.wayOut,
    everyNth: coreNames.includes(story.name) ? 1 : 4,
  };
}

function betweenHosts(story: MoveStory, storage: 'shared' | 'own'): CrashCase {
  return {
    name: `${story.name} with ${storage} storage`,
    hosts: ['alpha', 'beta'],
    storage,
    guest: 'looked at elsewhere',
    prepare: async (manager) => {
      const [build] = crashStories;
      if (!build) throw new TypeError('no story builds an instance');
      await perform(manager.fakeOf(), build.begin);
      writeMarks(manager.fakeOf(), instanceUuid);
      await story.before(twoHostsOf(manager));
    },
    perform: (manager) => {
      const isLedBy = story.leader(twoHostsOf(manager)).hypervisor.name;
      return perform(manager.fakeOf(isLedBy), story.begin, 'admin');
    },
    problems: async (manager, action) =>
      action ? await brokenMovePromises(twoHostsOf(manager), action) : Promise.resolve([]),
    wayOut: 'delete',
    everyNth: story.name === 'resize to another host' && storage === 'own' ? 1 : 4,
  };
}

/** The managers as the stories of moves know them. */
function twoHostsOf(manager: ManagerProcess): TwoHosts {
  const { datacenter } = manager.room;
  const alpha = manager.fakeOf('alpha');
  const { store } = alpha;
  return {
    alpha,
    beta: manager.fakeOf('beta'),
    datacenter,
    store,
    // Time passes by itself, and nothing is open any more when a manager has been opened.
    clock: { ...systemClock, advance: () => Promise.resolve() },
    record: () => store.getInstance(instanceUuid),
    leftOn: (host: string) => leftOn(datacenter.host(host), instanceUuid),
  } as unknown as TwoHosts;
}

/** Every operation, once or in several situations. */
export const crashCases: readonly CrashCase[] = [
  ...crashStories.map(onOneHost),
  ...moveStories.flatMap((story) => [betweenHosts(story, 'own'), betweenHosts(story, 'shared')]),
];

import { requestContext } from '@virtkit/core';
import { hostDies } from './dead-host.js';
import { admin } from './fake-compute.js';
import { alpha, beta, moveStories, nothing, resized, type MoveStory } from './move-stories.js';
import { instanceUuid, perform, type TwoHosts } from './two-hosts.js';

/** How long after its begin a live migration that never ends by itself is ended, in milliseconds. */
const UNDER_WAY_MS = 2_000;

/** The guest writes faster than the link carries away what it writes. */
function busy({ datacenter }: TwoHosts): Promise<void> {
  datacenter.host('alpha').setDirtyRate(instanceUuid, Infinity);
  return Promise.resolve();
}

/** What ends a live migration from outside. It may be over, or not begun: then it is refused. */
const ending = (verb: 'abortLiveMigration' | 'forceCompleteLiveMigration') => async (hosts: TwoHosts) => {
  await hosts.clock.sleep(UNDER_WAY_MS);
  const context = requestContext({ projectId: admin.projectId, userId: admin.userId, role: 'admin' });
  await hosts.alpha.compute.api.moves[verb](context, instanceUuid).catch(() => undefined);
};

async function offloaded({ alpha: fake }: TwoHosts): Promise<void> {
  const { images } = fake.compute.api;
  await perform(fake, (context) => images.shelve(context, instanceUuid));
  await perform(fake, (context) => images.shelveOffload(context, instanceUuid));
}

const furtherStories: readonly MoveStory[] = [
  {
    name: 'cold migration',
    before: nothing,
    leader: alpha,
    begin: ({ compute }, context) => compute.api.moves.migrate(context, instanceUuid, { destinationHost: 'beta' }),
  },
  {
    name: 'cold migration of a guest that is off',
    before: ({ alpha: fake }) => perform(fake, (context) => fake.compute.api.stop(context, instanceUuid)),
    leader: alpha,
    begin: ({ compute }, context) => compute.api.moves.migrate(context, instanceUuid, { destinationHost: 'beta' }),
  },
  {
    name: 'confirm a resize on one host',
    before: resized('alpha'),
    leader: alpha,
    begin: ({ compute }, context) => compute.api.moves.confirmResize(context, instanceUuid),
  },
  {
    name: 'revert a resize on one host',
    before: resized('alpha'),
    leader: alpha,
    begin: ({ compute }, context) => compute.api.moves.revertResize(context, instanceUuid),
  },
  {
    name: 'live migration that is aborted',
    before: busy,
    leader: alpha,
    begin: ({ compute }, context) => compute.api.moves.liveMigrate(context, instanceUuid, { destinationHost: 'beta' }),
    meanwhile: ending('abortLiveMigration'),
    end: 'cancelled',
  },
  {
    name: 'live migration that is forced to end',
    before: busy,
    leader: alpha,
    begin: ({ compute }, context) => compute.api.moves.liveMigrate(context, instanceUuid, { destinationHost: 'beta' }),
    meanwhile: ending('forceCompleteLiveMigration'),
  },
  {
    name: 'evacuation',
    before: hostDies,
    leader: beta,
    begin: ({ compute }, context) => compute.api.moves.evacuate(context, instanceUuid),
    dead: 'alpha',
    disk: 'made of an image',
  },
  {
    name: 'unshelve on another host',
    before: offloaded,
    leader: beta,
    begin: ({ compute }, context) => compute.api.images.unshelve(context, instanceUuid),
    disk: 'made of an image',
  },
];

/** Every move. The crash matrix, whose cases cost a process each, is content with the first of them. */
export const allMoveStories: readonly MoveStory[] = [...moveStories, ...furtherStories];

/** @throws RangeError when there is none of that name */
export function furtherStoryOf(name: string): MoveStory {
  const story = furtherStories.find((each) => each.name === name);
  if (!story) throw new RangeError(`there is no story called ${name}`);
  return story;
}

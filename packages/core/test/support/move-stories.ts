import type { AcceptedAction, RequestContext } from '@virtkit/core';
import type { FakeCompute } from './fake-compute.js';
import { instanceUuid, large, perform, type TwoHosts } from './two-hosts.js';

/** A move, what goes before it, and who leads it. */
export interface MoveStory {
  readonly name: string;
  readonly before: (hosts: TwoHosts) => Promise<unknown>;
  readonly leader: (hosts: TwoHosts) => FakeCompute;
  readonly begin: (fake: FakeCompute, context: RequestContext) => Promise<AcceptedAction>;
}

const nothing = (): Promise<void> => Promise.resolve();
const alpha = (hosts: TwoHosts): FakeCompute => hosts.alpha;
const beta = (hosts: TwoHosts): FakeCompute => hosts.beta;

const resized = (destinationHost: string) => (hosts: TwoHosts) =>
  perform(
    hosts.alpha,
    (context) => hosts.alpha.compute.api.moves.resize(context, instanceUuid, { flavor: large, destinationHost }),
    'admin',
  );

export const moveStories: readonly MoveStory[] = [
  {
    name: 'resize to another host',
    before: nothing,
    leader: alpha,
    begin: ({ compute }, context) =>
      compute.api.moves.resize(context, instanceUuid, { flavor: large, destinationHost: 'beta' }),
  },
  {
    name: 'resize on one host',
    before: nothing,
    leader: alpha,
    begin: ({ compute }, context) => compute.api.moves.resize(context, instanceUuid, { flavor: large }),
  },
  {
    name: 'confirm a resize',
    before: resized('beta'),
    leader: beta,
    begin: ({ compute }, context) => compute.api.moves.confirmResize(context, instanceUuid),
  },
  {
    name: 'revert a resize',
    before: resized('beta'),
    leader: beta,
    begin: ({ compute }, context) => compute.api.moves.revertResize(context, instanceUuid),
  },
  {
    name: 'live migration',
    before: nothing,
    leader: alpha,
    begin: ({ compute }, context) => compute.api.moves.liveMigrate(context, instanceUuid, { destinationHost: 'beta' }),
  },
];

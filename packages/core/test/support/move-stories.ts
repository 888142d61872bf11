import type { AcceptedAction, RequestContext } from '@virtkit/core';
import type { FakeCompute } from './fake-compute.js';
import { instanceUuid, large, perform, type HostName, type TwoHosts } from './two-hosts.js';

/** A move, what goes before it, and who leads it. */
export interface MoveStory {
  readonly name: string;
  readonly before: (hosts: TwoHosts) => Promise<unknown>;
  readonly leader: (hosts: TwoHosts) => FakeCompute;
  readonly begin: (fake: FakeCompute, context: RequestContext) => Promise<AcceptedAction>;
  /** What is asked while it is under way. Never rejects: what it is too late for is refused. */
  readonly meanwhile?: (hosts: TwoHosts) => Promise<unknown>;
  /** How it ends when all goes well. Default `succeeded`. */
  readonly end?: 'cancelled';
  /** The host that has no power in it. */
  readonly dead?: HostName;
  /** What becomes of the root disk where each host has a storage of its own. Default `kept`. */
  readonly disk?: 'made of an image';
}
export const nothing = (): Promise<void> => Promise.resolve();
export const alpha = (hosts: TwoHosts): FakeCompute => hosts.alpha;
export const beta = (hosts: TwoHosts): FakeCompute => hosts.beta;

export const resized = (destinationHost: string) => (hosts: TwoHosts) =>
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

import { requestContext, type AcceptedAction, type OperationName, type RequestContext } from '@virtkit/core';
import { createRequest, type FakeCompute } from '../fake-compute.js';
import { imageId, volumeIds } from '../memory-providers.js';

/** One operation of the matrices: what happens before it, how it is begun, what leads out of whatever it ends in. */
export interface DeviceStory {
  readonly name: string;
  /** The operation it is about, where that is not its name. */
  readonly operation?: OperationName;
  /** Stories that have gone well by then. */
  readonly before: readonly string[];
  readonly begin: (fake: FakeCompute, context: RequestContext) => Promise<AcceptedAction>;
  readonly wayOut: 'repair' | 'delete';
}

export const storyInstanceUuid = '11111111-2222-4333-8444-555555555555';
const uuid = storyInstanceUuid;
const [first, second] = volumeIds;

const adminOf = ({ requestId }: RequestContext): RequestContext =>
  requestContext({ projectId: 'operators', userId: 'root', role: 'admin', requestId });

const latestInterface = async ({ store }: FakeCompute): Promise<string> => {
  const { networkInterfaces } = await store.getInstance(uuid);
  return networkInterfaces.at(-1)?.id ?? 'none';
};

const latestSnapshot = async ({ store }: FakeCompute): Promise<string> => {
  const made = (await store.listActions(uuid)).find(({ operation }) => operation === 'volumeSnapshotCreate');
  return made?.result?.['snapshotId'] as string;
};

/** Every operation on volumes and interfaces, and builds and deletes that have some. On a {@link providedCompute}. */
export const deviceStories: readonly DeviceStory[] = [
  {
    name: 'buildProvided',
    operation: 'build',
    before: [],
    begin: ({ compute }, context) => {
      const { image: _image, networkInterfaces: _described, ...request } = createRequest({ uuid });
      return compute.api.create(context, { ...request, imageId, networks: [{}, {}], volumes: [{ volumeId: first }] });
    },
    wayOut: 'delete',
  },
  {
    name: 'terminateProvided',
    operation: 'terminate',
    before: ['buildProvided'],
    begin: ({ compute }, context) => compute.api.delete(context, uuid),
    wayOut: 'delete',
  },
  {
    name: 'attachVolume',
    before: ['buildProvided'],
    begin: ({ compute }, context) => compute.api.volumes.attach(context, uuid, { volumeId: second }),
    wayOut: 'repair',
  },
  {
    name: 'detachVolume',
    before: ['buildProvided'],
    begin: ({ compute }, context) => compute.api.volumes.detach(context, uuid, first),
    wayOut: 'repair',
  },
  {
    name: 'swapVolume',
    before: ['buildProvided'],
    begin: ({ compute }, context) =>
      compute.api.volumes.swap(adminOf(context), uuid, { volumeId: first, newVolumeId: second }),
    wayOut: 'repair',
  },
  {
    name: 'extendVolume',
    before: ['buildProvided'],
    begin: ({ compute }, context) =>
      compute.api.volumes.extend(adminOf(context), uuid, { volumeId: first, sizeMib: 2_048 }),
    wayOut: 'repair',
  },
  {
    name: 'volumeSnapshotCreate',
    before: ['buildProvided'],
    begin: ({ compute }, context) => compute.api.volumes.createSnapshot(adminOf(context), uuid, first),
    wayOut: 'repair',
  },
  {
    name: 'volumeSnapshotDelete',
    before: ['buildProvided', 'volumeSnapshotCreate'],
    begin: async (fake, context) =>
      await fake.compute.api.volumes.deleteSnapshot(adminOf(context), uuid, {
        volumeId: first,
        snapshotId: await latestSnapshot(fake),
      }),
    wayOut: 'repair',
  },
  {
    name: 'attachInterface',
    before: ['buildProvided'],
    begin: ({ compute }, context) => compute.api.interfaces.attach(context, uuid, { networkId: 'net-2' }),
    wayOut: 'repair',
  },
  {
    name: 'detachInterface',
    before: ['buildProvided'],
    begin: async (fake, context) =>
      await fake.compute.api.interfaces.detach(context, uuid, await latestInterface(fake)),
    wayOut: 'repair',
  },
  {
    name: 'injectNetworkInfo',
    before: ['buildProvided'],
    begin: ({ compute }, context) => compute.api.interfaces.injectNetworkInfo(context, uuid),
    wayOut: 'repair',
  },
];

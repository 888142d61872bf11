import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import type { CallOptions } from '@virtkit/core/providers';
import { LocalNetworks, LocalVolumes, type LocalImages } from '@virtkit/providers-local';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openImages } from './support/images.js';
import { rejectionOf } from './support/rejection-of.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

const instanceUuid = '11111111-2222-4333-8444-555555555555';

let directory: TemporaryDirectory;
let images: LocalImages;
let networks: LocalNetworks;
let volumes: LocalVolumes;

beforeEach(async () => {
  directory = await TemporaryDirectory.make();
  await open();
  await volumes.createVolume({ id: 'data', name: 'data', projectId: 'acme', sizeMib: 8 });
});
afterEach(async () => {
  await close();
  await directory[Symbol.asyncDispose]();
});

async function open(): Promise<void> {
  images = await openImages(directory);
  networks = await LocalNetworks.open({
    directory: directory.path,
    defaultNetworkId: 'outside',
    networks: [{ id: 'outside', type: 'user' }],
  });
  volumes = await LocalVolumes.open({ directory: directory.path, hosts: ['host-1', 'host-2'] });
}

async function close(): Promise<void> {
  await networks.close();
  await volumes.close();
}

const newImage = {
  name: 'snap',
  kind: 'snapshot',
  instanceUuid,
  projectId: 'acme',
  format: 'qcow2',
  minDiskGib: 0,
  minMemoryMib: 0,
  properties: {},
} as const;

/** One change of each provider. */
const changes: Readonly<Record<string, (options: CallOptions) => Promise<unknown>>> = {
  'images, beginning one': (options) => images.beginImage({ ...newImage, imageId: randomUUID() }, options),
  'images, deleting one': (options) => images.deleteImage('no-such-image', options),
  'networks, allocating': (options) =>
    networks.allocate({ instanceUuid, projectId: 'acme', host: 'host-1', requests: [{}] }, options),
  'networks, releasing': (options) => networks.releaseAll({ instanceUuid }, options),
  'volumes, reserving': (options) => volumes.reserve('data', { instanceUuid, projectId: 'acme' }, options),
  'volumes, unreserving': (options) => volumes.unreserve('data', { instanceUuid }, options),
};

const under = (epoch: number, host = 'host-1'): CallOptions => ({ leader: { host, epoch } });

async function introduce(options: CallOptions): Promise<void> {
  await images.leaderChanged(options);
  await networks.leaderChanged(options);
  await volumes.leaderChanged(options);
}

describe.each(Object.entries(changes))('providers of %s', (_, change) => {
  it('refuse the change of a manager that was replaced, also after they were opened again', async () => {
    await introduce(under(8));
    expect(await rejectionOf(change(under(7)), 'SESSION_LOST')).toMatchObject({ effect: 'none' });
    await close();
    await open();
    expect(await rejectionOf(change(under(7)), 'SESSION_LOST')).toMatchObject({ effect: 'none' });
    await change(under(8));
    await change(under(9));
  });

  it('learn of a new manager by its first change', async () => {
    await change(under(5));
    await change(under(6));
    await rejectionOf(change(under(5)), 'SESSION_LOST');
  });

  it('tell hosts apart, and let in what is done by hand', async () => {
    await introduce(under(8));
    await change(under(1, 'host-2'));
    await change({});
  });
});

describe('what providers remember of managers', () => {
  it('is one file for each host, however many managers come, and is not lowered by a late one', async () => {
    for (const epoch of [1, 2, 10, 3_000_000_000_000]) await introduce(under(epoch));
    await rejectionOf(volumes.leaderChanged(under(10)), 'SESSION_LOST');
    for (const what of ['networks', 'volumes']) expect(await readdir(directory.at(`${what}.epochs`))).toHaveLength(1);
    await rejectionOf(volumes.reserve('data', { instanceUuid, projectId: 'acme' }, under(10)), 'SESSION_LOST');
  });
});

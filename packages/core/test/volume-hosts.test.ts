import type { AcceptedAction } from '@virtkit/core';
import { FakeHypervisor, VirtualClock } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { createRequest, tenant } from './support/fake-compute.js';
import { imageId, providedCompute, volumeIds, type ProvidedCompute } from './support/memory-providers.js';

const uuid = '11111111-2222-4333-8444-555555555555';
const [volumeId] = volumeIds;
const connector = (host: string) => ({ host, address: '192.0.2.1' });

/** The manager is `host-1`; its hypervisor calls the host otherwise. */
async function withVolume(hypervisorHostname: string): Promise<ProvidedCompute> {
  const clock = new VirtualClock();
  const fake = await providedCompute({ clock, hypervisor: new FakeHypervisor({ clock, hypervisorHostname }) });
  const { image: _image, networkInterfaces: _described, ...request } = createRequest({ uuid });
  const volumes = [{ volumeId }];
  await succeeds(fake, fake.compute.api.create(tenant, { ...request, imageId, networks: [{}], volumes }));
  return fake;
}

async function succeeds(fake: ProvidedCompute, accepting: Promise<AcceptedAction>): Promise<void> {
  expect(await fake.settled((await fake.settled(accepting)).finished)).toMatchObject({ state: 'succeeded' });
}

const hostsOf = ({ volumes }: ProvidedCompute) => volumes.attachmentOf(volumeId)?.hosts;

/** An earlier version connected volumes under the name of the hypervisor. */
async function connectAs(fake: ProvidedCompute, host: string): Promise<void> {
  const { projectId, buildUuid } = await fake.store.getInstance(uuid);
  const holder = { instanceUuid: uuid, projectId, ...(buildUuid !== undefined && { buildUuid }) };
  await fake.volumes.connect(volumeId, { ...holder, connector: connector(host) });
}

describe('a volume', () => {
  it.each(['rack7-node12', 'fake-host', 'host-1'])(
    'is connected under the name of the manager on the host that its hypervisor calls %s',
    async (hypervisorHostname) => {
      await using fake = await withVolume(hypervisorHostname);
      expect(hostsOf(fake)).toEqual(['host-1']);
      await succeeds(fake, fake.compute.api.reboot(tenant, uuid, 'HARD'));
      expect(hostsOf(fake)).toEqual(['host-1']);
    },
  );

  it('that an earlier version connected under the name of the hypervisor is taken from the host under both', async () => {
    await using fake = await withVolume('rack7-node12');
    await connectAs(fake, 'rack7-node12');
    await connectAs(fake, 'another-host');
    expect(hostsOf(fake)).toEqual(['host-1', 'rack7-node12', 'another-host']);
    await succeeds(fake, fake.compute.api.images.shelve(tenant, uuid, { gracePeriodMs: 1_000 }));
    await succeeds(fake, fake.compute.api.images.shelveOffload(tenant, uuid));
    expect(hostsOf(fake)).toEqual(['another-host']);
  });

  it('that an earlier version connected under the name of the hypervisor is free once it is detached', async () => {
    await using fake = await withVolume('rack7-node12');
    await connectAs(fake, 'rack7-node12');
    await succeeds(fake, fake.compute.api.volumes.detach(tenant, uuid, volumeId));
    expect(fake.volumes.attachmentOf(volumeId)).toBeNull();
  });
});

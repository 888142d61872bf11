import { createCompute, MemoryStore, requestContext, silentLog, type AcceptedAction } from '@virtkit/core';
import { systemClock } from '@virtkit/core/driver';
import { fakeDriver, FakeHypervisor } from '@virtkit/driver-fake';
import { expect, it } from 'vitest';
import { LocalVolumes } from '../src/index.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

const projectId = 'acme';
const tenant = requestContext({ projectId, userId: 'ann' });
const uuids = ['11111111-2222-4333-8444-555555555555', '21111111-2222-4333-8444-555555555555'] as const;
const volumeIds = ['first', 'second'] as const;

it('gives back in its directory what an ended action has connected and a restored record does not name, and nothing else', async () => {
  await using directory = await TemporaryDirectory.make();
  const volumes = await LocalVolumes.open({ directory: directory.path, hosts: ['host-1'] });
  for (const id of volumeIds) await volumes.createVolume({ id, name: id, projectId, sizeMib: 1 });
  const store = new MemoryStore();
  const compute = await createCompute({
    ...{ host: 'host-1', clock: systemClock, store, volumes, log: silentLog },
    access: { hostResources: 'everybody' },
    hostLife: { everyMs: { providerAudit: 20, powerSync: 0 } },
    drivers: [fakeDriver],
    driver: {
      name: 'fake',
      configuration: { hypervisor: new FakeHypervisor({ clock: systemClock, hypervisorHostname: 'host-1' }) },
    },
  });
  const done = async (accepting: Promise<AcceptedAction>): Promise<void> => {
    expect(await (await accepting).finished).toMatchObject({ state: 'succeeded' });
  };
  for (const [nth, uuid] of uuids.entries()) {
    const flavor = { name: 'small', vcpus: 1, memoryMib: 64, rootDiskGib: 1 };
    const image = { id: 'image-1', name: 'debian', location: { disk: '/images/debian.qcow2' } };
    await done(compute.api.create(tenant, { uuid, name: 'web', flavor, image, networkInterfaces: [] }));
    await done(compute.api.volumes.attach(tenant, uuid, { volumeId: volumeIds[nth] ?? '' }));
  }
  await done(compute.api.forceStop(tenant, uuids[0]));
  const mended = Promise.withResolvers<unknown>();
  compute.events.on('notification.appended', ({ eventType, instanceUuid, payload }) => {
    if (eventType === 'compute.provider.deviation') mended.resolve({ instanceUuid, reaction: payload.reaction });
  });

  await store.commit([{ write: 'update-instance', uuid: uuids[0], patch: { blockDevices: [] }, guard: {} }]);

  expect(await mended.promise).toEqual({ instanceUuid: uuids[0], reaction: 'mended' });
  await compute.close();
  await volumes.close();
  await using reopened = await LocalVolumes.open({ directory: directory.path, hosts: ['host-1'] });
  const held = (await reopened.listVolumes()).map(({ id, attachment }) => [id, attachment?.instanceUuid]);
  expect(Object.fromEntries(held)).toEqual({ first: undefined, second: uuids[1] });
});

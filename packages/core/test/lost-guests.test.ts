import { ComputeError, isComputeError, type AcceptedAction } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { driverWith } from './support/driver-with.js';
import { tenant, type FakeCompute, type FakeComputeParts } from './support/fake-compute.js';
import { imageId, type ProvidedCompute } from './support/memory-providers.js';
import { ended, instanceUuid, runningInstance } from './support/running-instance.js';

type Api = FakeCompute['compute']['api'];

/** A running instance whose guest is removed behind the manager's back. */
async function lostGuest(parts: FakeComputeParts = {}): Promise<ProvidedCompute> {
  const fake = await runningInstance(parts);
  fake.hypervisor.loseGuest(instanceUuid);
  return fake;
}

describe('an instance whose guest is lost', () => {
  it.each<readonly [string, (api: Api) => Promise<AcceptedAction>]>([
    ['pause', (api) => api.pause(tenant, instanceUuid)],
    ['suspend', (api) => api.suspend(tenant, instanceUuid)],
    ['snapshot', (api) => api.images.snapshot(tenant, instanceUuid, { name: 'now' })],
    ['set its password', (api) => api.guest.quiesce(tenant, instanceUuid)],
  ])('is told so by %s, with a fault, and the record says what is there', async (_, request) => {
    await using fake = await lostGuest();
    const action = await ended(fake, request(fake.compute.api));
    expect(action).toMatchObject({ state: 'failed', failure: { code: 'GUEST_LOST' } });
    expect(action.failure?.message).toBe(`Instance ${instanceUuid} is lost from its host; a rebuild makes it anew.`);
    expect(await fake.compute.api.listFaults(tenant, instanceUuid)).toMatchObject([{ code: 'GUEST_LOST' }]);
    expect(await fake.compute.api.get(tenant, instanceUuid)).toMatchObject({ vmState: 'error', powerState: 'NOSTATE' });
  });

  it.each<readonly [string, (api: Api) => Promise<unknown>]>([
    ['its console output', (api) => api.getConsoleOutput(tenant, instanceUuid)],
    ['a console', (api) => api.consoles.create(tenant, instanceUuid, 'vnc')],
  ])('is told so by a question for %s', async (_, ask) => {
    await using fake = await lostGuest();
    const failure = await fake.settled(ask(fake.compute.api)).catch((thrown: unknown) => thrown);
    expect(isComputeError(failure, 'GUEST_LOST'), String(failure)).toBe(true);
  });

  it.each([
    ['replaces disks in place', {}],
    [
      'destroys and spawns',
      { definition: driverWith((all) => ({ ...all, rebuild: { unsupportedBecause: 'of this test' } })) },
    ],
  ])('gets a new guest by a rebuild, where the driver %s', async (_, parts) => {
    await using fake = await lostGuest(parts);
    await ended(fake, fake.compute.api.pause(tenant, instanceUuid));
    const rebuilt = await ended(fake, fake.compute.api.repair.rebuild(tenant, instanceUuid, { imageId }));
    expect(rebuilt).toMatchObject({ state: 'succeeded' });
    const { vmState, powerState, image, generation } = await fake.store.getInstance(instanceUuid);
    expect({ vmState, powerState, image: image.id, generation }).toEqual({
      vmState: 'active',
      powerState: 'RUNNING',
      image: imageId,
      generation: rebuilt.uuid,
    });
    expect(fake.hypervisor.look(instanceUuid).guest).toMatchObject({ state: 'running', definition: { generation } });
  });

  it('gets one after a build that has failed as well, and its launch is on record then', async () => {
    await using fake = await runningInstance();
    const uuid = '44444444-2222-4333-8444-555555555555';
    const error = new ComputeError('GUEST_START_FAILED', { instanceUuid: uuid, reason: 'memory' });
    fake.hypervisor.faults.add({ at: 'spawn', instanceUuid: uuid, fault: { type: 'throw', error } });
    const { flavor, name } = await fake.store.getInstance(instanceUuid);
    const failed = await ended(fake, fake.compute.api.create(tenant, { uuid, name, flavor, imageId }));
    expect(failed).toMatchObject({ state: 'failed' });
    const rebuilt = await ended(fake, fake.compute.api.repair.rebuild(tenant, uuid, { imageId }));
    expect(rebuilt).toMatchObject({ state: 'succeeded' });
    const record = await fake.store.getInstance(uuid);
    expect(record).toMatchObject({ vmState: 'active', launchedAtMs: expect.any(Number) as number });
  });
});

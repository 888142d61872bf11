import type { AcceptedAction } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { buildOf } from '../src/model/build-of.js';
import { createRequest, quietLife, type FakeComputeParts } from './support/fake-compute.js';
import { imageId, providedCompute, volumeIds, type ProvidedCompute } from './support/memory-providers.js';
import { ended, instanceUuid, ownerContext, runningInstance } from './support/running-instance.js';

const { image: _image, networkInterfaces: _interfaces, ...plain } = createRequest({ uuid: instanceUuid });
const request = { ...plain, imageId, networks: [{}], volumes: [{ volumeId: volumeIds[0] }] };

const hang = { type: 'hang', until: 'never' } as const;

describe('the deadline of a request', () => {
  it.each([
    ['images.getImage', 5_000],
    ['volumes.getVolume', 5_000],
    ['images.getImage', 1],
  ])('bounds its accepting: %s hangs, %i ms', async (at, deadlineMs) => {
    await using fake = await providedCompute();
    fake.providerFaults.add({ at, times: 'always', fault: hang });
    const sinceMs = fake.clock.now();
    const refused = fake.settled(fake.compute.api.create(ownerContext(), request, { deadlineMs }));
    await expect(refused).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED', effect: 'none' });
    expect(fake.clock.now() - sinceMs).toBeLessThanOrEqual(deadlineMs + 1);
    expect(await fake.store.listInstances({})).toEqual([]);
    fake.providerFaults.clear();
  });

  it('counts from the request, not from its acceptance', async () => {
    await using fake = await providedCompute();
    fake.providerFaults.add({ at: 'images.getImage', fault: { type: 'delay', delayMs: 3_000 } });
    fake.hypervisor.faults.add({ at: 'spawn', fault: { type: 'hang', until: 'abort' } });
    const sinceMs = fake.clock.now();
    const action = await ended(fake, fake.compute.api.create(ownerContext(), request, { deadlineMs: 5_000 }));
    expect(action).toMatchObject({ state: 'failed', failure: { code: 'DEADLINE_EXCEEDED' } });
    expect((action.finishedAtMs ?? 0) - sinceMs).toBeLessThan(6_000);
  });

  it.each([190_000, 600_000, 1_000])(
    'is the driver call’s and the guest’s time: %i ms of grace',
    async (gracePeriodMs) => {
      await using fake = await runningInstance();
      fake.hypervisor.setShutdownManner(instanceUuid, 'never');
      const options = { gracePeriodMs, retryIntervalMs: 10_000 };
      const action = await ended(fake, fake.compute.api.stop(ownerContext(), instanceUuid, options));
      expect(action).toMatchObject({ state: 'succeeded' });
      expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'stopped' });
    },
  );
});

/** The body's call, what is under way of the undo, and the undo itself have ten seconds each. */
const AFTER_DEADLINE_MS = 31_000;

const sweeping = { hostLife: { everyMs: { ...quietLife.everyMs, releaseSweep: 60_000 } } };

/** Has an operation submitted whose body and undo hang, and answers how long after its deadline it has ended. */
async function hungInBoth(fake: ProvidedCompute, ask: (options: { deadlineMs: number }) => Promise<AcceptedAction>) {
  const sinceMs = fake.clock.now();
  const action = await ended(fake, ask({ deadlineMs: 5_000 }));
  return { action, lateMs: (action.finishedAtMs ?? Infinity) - sinceMs - 5_000 };
}

describe('the deadline of a request bounds its undo', () => {
  it.each([
    ['networks.allocate', 'networks.unreserve'],
    ['volumes.reserve', 'volumes.unreserve'],
    ['volumes.connect', 'volumes.disconnect'],
    ['volumes.connect', 'networks.unreserve'],
  ])('of a create that hangs in %s and in %s, and everything is given back later', async (at, undo) => {
    await using fake = await providedCompute(sweeping);
    for (const each of [at, undo]) fake.providerFaults.add({ at: each, times: 'always', fault: hang });
    const { action, lateMs } = await hungInBoth(fake, (options) =>
      fake.compute.api.create(ownerContext(), request, options),
    );
    expect(['failed', 'unknown']).toContain(action.state);
    expect(lateMs).toBeLessThan(AFTER_DEADLINE_MS);
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({
      vmState: 'error',
      taskState: null,
      pendingRelease: [{ kind: 'steps' }],
    });
    fake.providerFaults.clear();
    await fake.clock.advance(200_000);
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ pendingRelease: [] });
    expect(await fake.networks.interfacesOf(buildOf(await fake.store.getInstance(instanceUuid)))).toEqual([]);
    expect(await fake.volumes.volumesOf(buildOf(await fake.store.getInstance(instanceUuid)))).toEqual([]);
  });

  it.each(['detachVolume', 'attachVolume'] as const)('of a %s whose driver hangs in both', async (operation) => {
    await using fake = await providedCompute(sweeping);
    const { api } = fake.compute;
    await ended(
      fake,
      api.create(ownerContext(), { ...request, volumes: operation === 'detachVolume' ? request.volumes : [] }),
    );
    for (const at of ['attachVolume', 'detachVolume'] as const)
      fake.hypervisor.faults.add({ at, times: 'always', fault: hang });
    const { lateMs } = await hungInBoth(fake, (options) =>
      operation === 'detachVolume'
        ? api.volumes.detach(ownerContext(), instanceUuid, volumeIds[0], options)
        : api.volumes.attach(ownerContext(), instanceUuid, { volumeId: volumeIds[0] }, options),
    );
    expect(lateMs).toBeLessThan(AFTER_DEADLINE_MS);
    expect((await fake.store.getInstance(instanceUuid)).pendingRelease).toMatchObject([{ kind: 'steps' }]);
    fake.hypervisor.faults.clear();
    await fake.clock.advance(200_000);
    const { pendingRelease, taskState, blockDevices } = await fake.store.getInstance(instanceUuid);
    expect([pendingRelease, taskState]).toEqual([[], null]);
    const held = await fake.volumes.volumesOf(buildOf(await fake.store.getInstance(instanceUuid)));
    expect(blockDevices.map(({ id }) => id)).toEqual(held.map(({ id }) => id));
  });

  it.each(['volumes.disconnect', 'volumes.unreserve'])(
    'of a detach that hangs in %s and when it connects again',
    async (at) => {
      await using fake = await providedCompute(sweeping);
      const { api } = fake.compute;
      await ended(fake, api.create(ownerContext(), request));
      for (const each of [at, 'volumes.reserve', 'volumes.connect'])
        fake.providerFaults.add({ at: each, times: 'always', fault: hang });
      const { lateMs } = await hungInBoth(fake, (options) =>
        api.volumes.detach(ownerContext(), instanceUuid, volumeIds[0], options),
      );
      expect(lateMs).toBeLessThan(AFTER_DEADLINE_MS);
      expect((await fake.store.getInstance(instanceUuid)).pendingRelease).toMatchObject([{ kind: 'steps' }]);
      fake.providerFaults.clear();
      await fake.clock.advance(200_000);
      expect((await fake.store.getInstance(instanceUuid)).pendingRelease).toEqual([]);
    },
  );

  it('with the grace that is configured', async () => {
    await using fake = await providedCompute({ undoMs: 60_000 });
    fake.providerFaults.add({ at: 'networks.allocate', fault: { type: 'hang', until: 'abort' } });
    fake.providerFaults.add({ at: 'networks.unreserve', fault: { type: 'delay', delayMs: 50_000 } });
    const { lateMs } = await hungInBoth(fake, (options) => fake.compute.api.create(ownerContext(), request, options));
    expect(lateMs).toBeGreaterThan(49_000);
    expect((await fake.store.getInstance(instanceUuid)).pendingRelease ?? []).toEqual([]);
  });
});

describe('the end of a manager', () => {
  it.each([
    ['networks.allocate', {}],
    ['volumes.reserve', {}],
    ['volumes.connect', { drainMs: 1_000 }],
  ] as const)('comes in time though every call of a provider hangs from %s on', async (at, parts: FakeComputeParts) => {
    const fake = await providedCompute({ drainMs: 30_000, ...parts });
    const undone = ['networks.releaseAll', 'networks.release', 'volumes.unreserve', 'volumes.disconnect'];
    for (const each of [at, ...undone]) fake.providerFaults.add({ at: each, times: 'always', fault: hang });
    await fake.settled(fake.compute.api.create(ownerContext(), request));
    await fake.clock.advance(1);
    expect(fake.providerFaults.calls.at(-1)).toBe(at);
    const sinceMs = fake.clock.now();
    await fake.settled(fake.compute.close());
    expect(fake.clock.now() - sinceMs).toBeLessThan(30_000 + 60_000);
    expect(fake.clock.sleeperCount).toBe(0);
  });

  it.each([{ networks: 2_000 }, { networks: 1, images: 1 }])(
    'is not needed for a hung provider whose deadline is set: %j',
    async (providerTimeoutsMs) => {
      await using fake = await providedCompute({ providerTimeoutsMs });
      fake.providerFaults.add({ at: 'networks.allocate', fault: { type: 'hang', until: 'abort' } });
      const sinceMs = fake.clock.now();
      const action = await ended(fake, fake.compute.api.create(ownerContext(), request));
      expect(action).toMatchObject({ state: 'failed', failure: { code: 'DEADLINE_EXCEEDED' } });
      expect((action.finishedAtMs ?? 0) - sinceMs).toBeLessThan(5_000);
    },
  );
});

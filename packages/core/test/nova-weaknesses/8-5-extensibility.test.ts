import { ComputeError, MemoryStore } from '@virtkit/core';
import type { BlockDevice, BlockDeviceSource, ComputeDriver, DriverWith, InstanceSpec } from '@virtkit/core/driver';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { endedAsPromised } from '../support/ended-as-promised.js';
import { createRequest, fakeCompute, tenant } from '../support/fake-compute.js';
import { providedCompute } from '../support/memory-providers.js';
import { foreignError } from '../support/promises.js';
import { instanceUuid, ownerContext, runningInstance, toldOf } from '../support/running-instance.js';

// In more depth than the page, ../nova-weaknesses.test.ts, which says what each number is about.
// Managers side by side, more faults of the simulator, more operations that fail.

describe('23. Not embeddable', () => {
  it('two managers live in one process and know nothing of each other', async () => {
    await using one = await fakeCompute({ host: 'same-name', store: new MemoryStore() });
    await using other = await fakeCompute({ host: 'same-name', store: new MemoryStore() });
    await endedAsPromised(one, one.compute.api.create(tenant, createRequest({ uuid: instanceUuid })));
    expect(await other.compute.api.list(tenant)).toEqual([]);
    await endedAsPromised(other, other.compute.api.create(tenant, createRequest({ uuid: instanceUuid })));
    await endedAsPromised(one, one.compute.api.delete(tenant, instanceUuid));
    expect(await other.compute.api.get(tenant, instanceUuid)).toMatchObject({ vmState: 'active' });
  });
});

describe('24. Opaque arguments', () => {
  it('a driver is given an instance and its devices by their types', () => {
    expectTypeOf<Parameters<ComputeDriver['spawn']>[0]['instance']>().toEqualTypeOf<InstanceSpec>();
    expectTypeOf<InstanceSpec['blockDevices'][number]>().toEqualTypeOf<BlockDevice>();
    expectTypeOf<BlockDevice['source']>().toEqualTypeOf<BlockDeviceSource>();
    expectTypeOf<BlockDevice['source']>().not.toBeAny();
    expectTypeOf<BlockDevice['source']['type']>().not.toEqualTypeOf<string>();
    const json = (driver: DriverWith<'volumes'>, spec: InstanceSpec): unknown =>
      // @ts-expect-error A device is not a JSON text.
      driver.attachVolume({ instance: spec, device: JSON.stringify({ driver_volume_type: 'iscsi' }) });
    expect(json).toBeTypeOf('function');
  });
});

describe('26. FakeDriver is too tame', () => {
  it('has state that outlives the driver and the manager', async () => {
    const dead = await runningInstance();
    await endedAsPromised(dead, dead.compute.api.pause(tenant, instanceUuid));
    await using fake = await dead.restarted();
    expect(fake.hypervisor.look(instanceUuid)).toMatchObject({ guest: { state: 'paused' }, disks: [{ id: 'root' }] });
    expect(await endedAsPromised(fake, fake.compute.api.unpause(tenant, instanceUuid))).toMatchObject({
      state: 'succeeded',
    });
  });

  it('fails, hangs, is late, loses answers, crashes guests and dies as it is told', async () => {
    const error = new ComputeError('GUEST_OPERATION_FAILED', { instanceUuid, operation: 'pause' });
    const ends = [];
    for (const fault of [
      { type: 'throw', error },
      { type: 'hang', until: 'abort' },
      { type: 'delay', delayMs: 7_000 },
      { type: 'lose-answer' },
    ] as const) {
      await using fake = await runningInstance();
      const plan = fake.hypervisor.faults.add({ at: 'pause', fault });
      const { state, startedAtMs, finishedAtMs } = await endedAsPromised(
        fake,
        fake.compute.api.pause(tenant, instanceUuid),
      );
      ends.push([fault.type, state, plan.strikes, (finishedAtMs ?? 0) - (startedAtMs ?? 0) >= 7_000]);
    }
    expect(ends).toEqual([
      ['throw', 'failed', 1, false],
      ['hang', 'failed', 1, true],
      ['delay', 'succeeded', 1, true],
      ['lose-answer', 'succeeded', 1, false],
    ]);
  });
});

describe('27. attach_interface handles only NovaException, and notifications lack error phases', () => {
  it.each(['a string', foreignError(), undefined])('a port is given back after %s', async (error) => {
    await using fake = await runningInstance();
    const before = fake.networks.idsOf(instanceUuid);
    fake.hypervisor.faults.add({ at: 'attachInterface', fault: { type: 'throw', error } });
    const attached = await endedAsPromised(fake, fake.compute.api.interfaces.attach(tenant, instanceUuid));
    expect(attached).toMatchObject({ state: 'failed', failure: { code: 'INTERNAL' } });
    expect(fake.providerFaults.calls).toContain('networks.unreserve');
    expect(fake.networks.idsOf(instanceUuid)).toEqual(before);
    expect((await fake.store.getInstance(instanceUuid)).networkInterfaces).toHaveLength(1);
  });

  it.each(['pause', 'suspend', 'stop', 'softDelete', 'shelve', 'rescue', 'snapshot', 'delete'] as const)(
    '%s tells of its start and then of one end, and of none when it has failed',
    async (name) => {
      for (const outcome of ['end', 'error'] as const) {
        await using fake = await runningInstance();
        const { api } = fake.compute;
        const context = ownerContext();
        const begin = {
          pause: () => api.pause(context, instanceUuid),
          suspend: () => api.suspend(context, instanceUuid),
          stop: () => api.stop(context, instanceUuid),
          softDelete: () => api.softDelete(context, instanceUuid),
          shelve: () => api.images.shelve(context, instanceUuid),
          rescue: () => api.repair.rescue(context, instanceUuid),
          snapshot: () => api.images.snapshot(context, instanceUuid, { name: 'yesterday' }),
          delete: () => api.delete(context, instanceUuid),
        };
        const error = new ComputeError('GUEST_OPERATION_FAILED', { instanceUuid, operation: name });
        const calls = ['pause', 'suspend', 'powerOff', 'softDelete', 'snapshot', 'rescue', 'destroy'] as const;
        for (const at of outcome === 'error' ? calls : []) {
          fake.hypervisor.faults.add({ at, fault: { type: 'throw', error } });
        }
        await endedAsPromised(fake, begin[name]());
        const told = (await toldOf(fake, context)).filter((each) => each.startsWith('instance.'));
        expect(told.map((each) => each.split('.').at(-1))).toEqual(['start', outcome]);
      }
    },
  );

  it('a build that fails tells so once', async () => {
    await using fake = await providedCompute();
    const context = ownerContext();
    fake.hypervisor.faults.add({ at: 'spawn', fault: { type: 'throw', error: foreignError() } });
    await endedAsPromised(fake, fake.compute.api.create(context, createRequest({ uuid: instanceUuid })));
    expect((await toldOf(fake, context)).toSorted()).toEqual([
      'compute.exception',
      'instance.create.error',
      'instance.create.start',
    ]);
  });
});

import { ComputeError } from '@virtkit/core';
import { FakeHypervisor } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { builtInstance } from './support/built-instance.js';
import { admin, createRequest, fakeCompute, quietLife, tenant } from './support/fake-compute.js';
import { FaultyStore } from './support/faulty-store.js';
import { imageId, providedCompute } from './support/memory-providers.js';

describe('the host, for its operator', () => {
  it('tells its uptime, its CPUs and its resources, and nothing of it to a tenant', async () => {
    await using fake = await fakeCompute();
    const { host, health } = { host: fake.compute.operator.host, health: fake.compute.operator.health(admin) };
    await fake.clock.advance(5_000);
    expect(await fake.settled(host.uptimeMs(admin))).toBeGreaterThanOrEqual(5_000);
    expect(await fake.settled(host.cpuStats(admin))).toMatchObject({ frequencyMhz: 2_400 });
    expect(await fake.settled(host.resources(admin))).toMatchObject({ hypervisorHostname: 'fake-host' });
    expect(await health).toMatchObject({ host: 'host-1', mode: 'enabled', state: 'running', quarantined: [] });

    const refused = { code: 'FORBIDDEN' };
    await expect(host.uptimeMs(tenant)).rejects.toMatchObject(refused);
    await expect(host.setMode(tenant, 'disabled')).rejects.toMatchObject(refused);
    await expect(host.powerAction(tenant, 'reboot')).rejects.toMatchObject(refused);
    await expect(fake.compute.operator.health(tenant)).rejects.toMatchObject(refused);
  });

  it('takes no new instance while it is disabled, goes on with those it has, and tells the hypervisor', async () => {
    await using fake = await fakeCompute();
    const { uuid } = await builtInstance(fake);
    const { host } = fake.compute.operator;
    await fake.settled(host.setMode(admin, 'disabled'));
    expect(fake.hypervisor.mode).toBe('disabled');

    await expect(fake.settled(fake.compute.api.create(tenant, createRequest()))).rejects.toMatchObject({
      code: 'HOST_DISABLED',
      details: { operation: 'build', mode: 'disabled' },
    });
    const { finished } = await fake.settled(fake.compute.api.stop(tenant, uuid));
    expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });

    await fake.settled(host.setMode(admin, 'enabled'));
    await builtInstance(fake);
    await expect(host.setMode(admin, 'off' as 'enabled')).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      details: { field: 'mode', value: '"off"', accepted: 'enabled, disabled, maintenance' },
    });
  });

  it('begins in the mode that its configuration names', async () => {
    await using fake = await fakeCompute({ hostLife: { ...quietLife, mode: 'disabled' } });
    await expect(fake.settled(fake.compute.api.create(tenant, createRequest()))).rejects.toMatchObject({
      code: 'HOST_DISABLED',
    });
  });

  it('stays in the mode that was set, whoever looks after it next and whatever that is configured to', async () => {
    const first = await fakeCompute();
    await first.settled(first.compute.operator.host.setMode(admin, 'maintenance'));
    await first.settled(first.compute.close());
    const { clock, store } = first;
    // One that remembers nothing.
    const hypervisor = new FakeHypervisor({ clock });
    const parts = { clock, store, hypervisor, hostLife: { ...quietLife, mode: 'enabled' } } as const;

    const second = await fakeCompute(parts);
    expect(await second.compute.operator.host.mode(admin)).toBe('maintenance');
    expect(hypervisor.mode).toBe('maintenance');
    await expect(second.settled(second.compute.api.create(tenant, createRequest()))).rejects.toMatchObject({
      code: 'HOST_DISABLED',
      details: { operation: 'build', mode: 'maintenance' },
    });
    await second.settled(second.compute.operator.host.setMode(admin, 'enabled'));
    await second.settled(second.compute.close());

    await using third = await fakeCompute({ ...parts, hostLife: { ...quietLife, mode: 'disabled' } });
    expect(await third.compute.operator.host.mode(admin)).toBe('enabled');
    await builtInstance(third);
  });

  it('stays as it was when its mode cannot be recorded, or its hypervisor says no', async () => {
    const store = new FaultyStore();
    await using fake = await fakeCompute({ store });
    const { host } = fake.compute.operator;
    store.arm({ nth: 1, attempts: 9, fault: { type: 'throw', error: new ComputeError('STORE_UNAVAILABLE', {}) } });
    await expect(fake.settled(host.setMode(admin, 'disabled'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    store.clear();
    expect([await host.mode(admin), fake.hypervisor.mode]).toEqual(['enabled', 'enabled']);

    const error = new ComputeError('HYPERVISOR_UNAVAILABLE', {});
    fake.hypervisor.faults.add({ at: 'setHostMode', fault: { type: 'throw', error } });
    await expect(fake.settled(host.setMode(admin, 'disabled'))).rejects.toBe(error);
    expect([await host.mode(admin), (await store.getHost('host-1'))?.mode]).toEqual(['enabled', 'enabled']);
    await builtInstance(fake);
  });

  it('starts in the mode that was set also where its hypervisor cannot be told, and says so', async () => {
    const first = await fakeCompute();
    await first.settled(first.compute.operator.host.setMode(admin, 'disabled'));
    await first.settled(first.compute.close());
    const { clock, store, hypervisor } = first;
    const error = new ComputeError('HYPERVISOR_UNAVAILABLE', {});
    hypervisor.faults.add({ at: 'setHostMode', fault: { type: 'throw', error } });
    await using fake = await fakeCompute({ clock, store, hypervisor });
    expect(await fake.compute.operator.host.mode(admin)).toBe('disabled');
    expect(fake.logLines.join('')).toContain('the hypervisor could not be told the mode of its host');
  });

  it('keeps an image on the host', async () => {
    await using fake = await providedCompute();
    const { host } = fake.compute.operator;
    expect(await fake.settled(host.cacheImage(admin, imageId))).toBe('cached');
    expect(await fake.settled(host.cacheImage(admin, imageId))).toBe('existing');
    const unknown = fake.settled(host.cacheImage(admin, 'no-such-image'));
    await expect(unknown).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
  });

  it('says why it cannot, where nothing is configured that could', async () => {
    await using fake = await fakeCompute();
    await expect(fake.compute.operator.host.cacheImage(admin, imageId)).rejects.toMatchObject({
      code: 'NOT_SUPPORTED',
      details: { capability: 'images', reason: 'no provider of images is configured' },
    });
  });

  it('starts the guests again that ran when the host went down, and leaves those alone that did not', async () => {
    const first = await fakeCompute();
    const [ran, stopped] = [await builtInstance(first), await builtInstance(first)];
    const { finished } = await first.settled(first.compute.api.stop(tenant, stopped.uuid));
    await first.settled(finished);
    await first.settled(first.compute.close());
    const { clock, store, hypervisor } = first;
    hypervisor.switchOff();
    hypervisor.switchOn();

    const hostLife = { guestsOnHostBoot: 'resume', everyMs: { powerSync: 600_000 } } as const;
    await using fake = await fakeCompute({ clock, store, hypervisor, hostLife });
    await fake.clock.advance(10_000);

    const states = [ran, stopped].map(({ uuid }) => hypervisor.look(uuid).guest?.state);
    expect(states).toEqual(['running', 'shut-off']);
    expect(await store.getInstance(ran.uuid)).toMatchObject({ vmState: 'active', powerState: 'RUNNING' });
    expect(await store.getInstance(stopped.uuid)).toMatchObject({ vmState: 'stopped' });
  });

  it('lets a guest that does not start again be stopped, with a fault that says why', async () => {
    const first = await fakeCompute();
    const { uuid } = await builtInstance(first);
    await first.settled(first.compute.close());
    const { clock, store, hypervisor } = first;
    hypervisor.switchOff();
    hypervisor.switchOn();
    const error = new Error('no such disk on node-17');
    hypervisor.faults.add({ at: 'resumeStateOnHostBoot', fault: { type: 'throw', error } });

    await using fake = await fakeCompute({ clock, store, hypervisor, hostLife: { guestsOnHostBoot: 'resume' } });
    await fake.clock.advance(10_000);

    expect(await store.getInstance(uuid)).toMatchObject({ vmState: 'stopped', powerState: 'SHUTDOWN' });
    expect(await fake.compute.operator.listFaults(admin, uuid)).toMatchObject([{ code: 'INTERNAL' }]);
  });

  it('drains: accepts nothing, lets what runs go on, and tells what is left when the time is up', async () => {
    await using fake = await fakeCompute();
    const { uuid } = await builtInstance(fake);
    fake.hypervisor.faults.add({ at: 'powerOff', fault: { type: 'delay', delayMs: 60_000 } });
    const { action, finished } = await fake.settled(fake.compute.api.stop(tenant, uuid));

    const first = await fake.settled(fake.compute.drain({ waitMs: 10_000 }));
    expect(first).toMatchObject({ running: [{ uuid: action.uuid, operation: 'stop' }], queued: [] });
    await expect(fake.compute.api.create(tenant, createRequest())).rejects.toMatchObject({ code: 'MANAGER_CLOSED' });
    expect(await fake.compute.operator.health(admin)).toMatchObject({ state: 'draining' });

    expect(await fake.settled(fake.compute.drain({ waitMs: 120_000 }))).toEqual({ running: [], queued: [] });
    expect(await finished).toMatchObject({ state: 'succeeded' });
  });
});

import { describe, expect, it } from 'vitest';
import { builtInstance } from './support/built-instance.js';
import { admin, fakeCompute, quietLife, tenant, type FakeCompute } from './support/fake-compute.js';

const longSync = { everyMs: { ...quietLife.everyMs, powerSync: 3_600_000 } };

async function hypervisorOf({ compute }: FakeCompute): Promise<unknown> {
  return (await compute.operator.health(admin)).hypervisor;
}

describe('a host whose hypervisor goes away', () => {
  it('says so in its health, and since when, until the driver has connected anew', async () => {
    await using fake = await fakeCompute();
    const startedMs = fake.clock.now();
    expect(await hypervisorOf(fake)).toMatchObject({ state: 'available' });
    await fake.clock.advance(1_000);

    fake.hypervisor.switchOff();
    expect(await hypervisorOf(fake)).toEqual({ state: 'unavailable', sinceMs: fake.clock.now() });
    await fake.clock.advance(60_000);
    expect(await hypervisorOf(fake)).toEqual({ state: 'unavailable', sinceMs: startedMs + 1_000 });

    fake.hypervisor.switchOn();
    // The longest pause between two attempts.
    await fake.clock.advance(5_000);
    expect(await hypervisorOf(fake)).toMatchObject({ state: 'available' });
    expect(fake.logLines.filter((line) => line.includes('hypervisor unavailable'))).not.toEqual([]);
    expect(fake.logLines.filter((line) => line.includes('"hypervisor available"'))).toHaveLength(1);
  });

  it('compares its guests with their records as soon as it is back', async () => {
    await using fake = await fakeCompute({ hostLife: longSync });
    const { uuid } = await builtInstance(fake);
    await fake.clock.advance(1_000);
    fake.hypervisor.dropConnections();
    fake.hypervisor.stopGuest(uuid);
    expect(await fake.store.getInstance(uuid)).toMatchObject({ powerState: 'RUNNING' });

    await fake.clock.advance(1_000);

    expect(await fake.store.getInstance(uuid)).toMatchObject({ powerState: 'SHUTDOWN', vmState: 'stopped' });
  });

  it('finds its guests off when it has lost its power', async () => {
    await using fake = await fakeCompute({ hostLife: longSync });
    const { uuid } = await builtInstance(fake);
    await fake.clock.advance(1_000);
    fake.hypervisor.switchOff();
    await fake.clock.advance(30_000);
    expect(await fake.store.getInstance(uuid)).toMatchObject({ powerState: 'RUNNING' });
    fake.hypervisor.switchOn();

    await fake.clock.advance(6_000);

    expect(await fake.store.getInstance(uuid)).toMatchObject({ powerState: 'SHUTDOWN', vmState: 'stopped' });
  });

  it('refuses operations meanwhile and carries out those that come afterwards, with the same manager', async () => {
    await using fake = await fakeCompute({ hostLife: longSync });
    const { uuid } = await builtInstance(fake);
    fake.hypervisor.switchOff();
    const during = await fake.settled(fake.compute.api.pause(tenant, uuid));
    expect(await fake.settled(during.finished)).toMatchObject({ state: 'failed' });
    fake.hypervisor.switchOn();
    await fake.clock.advance(10_000);

    const after = await fake.settled(fake.compute.api.reboot(tenant, uuid, 'HARD'));

    expect(await fake.settled(after.finished)).toMatchObject({ state: 'succeeded' });
    expect(fake.hypervisor.look(uuid).guest?.state).toBe('running');
  });

  it('is looked for no more once its manager is closed', async () => {
    const fake = await fakeCompute();
    fake.hypervisor.switchOff();
    await fake.settled(fake.compute.close());
    expect(fake.clock.sleeperCount).toBe(0);
  });
});

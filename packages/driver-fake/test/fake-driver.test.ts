import { describe, expect, it } from 'vitest';
import type { InstanceSpec } from '@virtkit/core/driver';
import { fakeDriver, FakeHypervisor, VirtualClock, type FakeConfiguration, type FakeDriver } from '../src/index.js';
import { testEnvironment } from '@virtkit/driver-testkit';
import { fakeBench } from './fake-bench.js';
import { instanceSpec, networkInterface } from './instance-spec.js';

async function spawned(driver: FakeDriver): Promise<InstanceSpec> {
  const instance = instanceSpec();
  await driver.spawn({ instance });
  return instance;
}

function downInstance(): InstanceSpec {
  return instanceSpec({ networkInterfaces: [networkInterface({ status: 'down' })] });
}

describe('the fake driver', () => {
  it('spawns in the small steps of a real one', async () => {
    const { driver, hypervisor } = await fakeBench();
    await spawned(driver);
    expect(hypervisor.journal.steps).toEqual(['readState', 'createDisk', 'define', 'plugVif', 'start', 'readState']);
  });

  it('starts a guest paused whose network is not ready, and fails when that does not come in time', async () => {
    const { driver, hypervisor, clock } = await fakeBench({ vifPluggingTimeoutMs: 5_000 });
    const instance = downInstance();
    const rejecting = expect(driver.spawn({ instance })).rejects.toMatchObject({
      code: 'VIF_PLUG_TIMEOUT',
      details: { timeoutMs: 5_000 },
    });
    await clock.advance(4_999);
    expect(hypervisor.look(instance.uuid).guest?.state).toBe('paused');
    await clock.advance(1);
    await rejecting;
    expect(hypervisor.look(instance.uuid)).toMatchObject({ guest: undefined, disks: [], vifs: [] });
  });

  it('lets the guest go on without its network where that is not fatal, and says so in the log', async () => {
    const { driver, environment, clock } = await fakeBench({ vifPluggingTimeoutMs: 10, vifPluggingIsFatal: false });
    const instance = downInstance();
    const spawning = driver.spawn({ instance });
    await clock.advance(10);
    await spawning;
    expect((await driver.getInfo({ instance })).powerState).toBe('RUNNING');
    expect(environment.logLines).toMatchObject([{ level: 'warn', fields: { code: 'VIF_PLUG_TIMEOUT' } }]);
  });

  it('waits for a guest that takes its time to stop, and asks it again', async () => {
    const { driver, hypervisor, clock } = await fakeBench({}, { shutdownManner: 25_000 });
    const { uuid } = await spawned(driver);
    hypervisor.journal.clear();
    const stopping = driver.powerOff({ instance: { uuid }, gracePeriodMs: 60_000, retryIntervalMs: 10_000 });
    await clock.advance(25_500);
    await stopping;
    const steps = hypervisor.journal.steps;
    expect(steps.filter((step) => step === 'askToStop').length).toBe(3);
    expect(steps).not.toContain('stop');
  });

  it('stops a guest that does not listen when the grace period is over, and not before', async () => {
    const { driver, hypervisor, clock } = await fakeBench({}, { shutdownManner: 'never' });
    const { uuid } = await spawned(driver);
    const stopping = driver.powerOff({ instance: { uuid }, gracePeriodMs: 60_000 });
    await clock.advance(59_999);
    expect(hypervisor.look(uuid).guest?.state).toBe('running');
    await clock.advance(1);
    await stopping;
    expect(hypervisor.look(uuid).guest?.state).toBe('shut-off');
  });

  it('reboots softly a guest that listens, and hard one that does not', async () => {
    const { driver, hypervisor, clock } = await fakeBench({ softRebootTimeoutMs: 2_000 });
    const instance = await spawned(driver);
    hypervisor.journal.clear();
    await driver.reboot({ instance, type: 'SOFT' });
    expect(hypervisor.journal.steps).not.toContain('stop');
    hypervisor.setShutdownManner(instance.uuid, 'never');
    const rebooting = driver.reboot({ instance, type: 'SOFT' });
    await clock.advance(2_000);
    await rebooting;
    expect(hypervisor.journal.steps).toContain('stop');
    expect(hypervisor.look(instance.uuid).guest?.life).toBe(3);
  });

  it('resumes a suspended guest that is powered on', async () => {
    const { driver, hypervisor } = await fakeBench();
    const instance = await spawned(driver);
    await driver.suspend({ instance });
    await driver.powerOn({ instance });
    expect(hypervisor.look(instance.uuid)).toMatchObject({
      guest: { state: 'running', life: 1 },
      savedMemory: 'absent',
    });
  });

  it('makes a hanging suspend give up when a powerOff overtakes it, and does not bring the guest back', async () => {
    const { driver, hypervisor, clock } = await fakeBench();
    const { uuid } = await spawned(driver);
    hypervisor.faults.add({ at: 'unplugVif', fault: { type: 'hang', until: 'abort' } });
    const suspending = expect(driver.suspend({ instance: { uuid } })).rejects.toMatchObject({ code: 'ABORTED' });
    await clock.advance(0);
    expect(hypervisor.look(uuid).savedMemory).toBe('present');
    await driver.powerOff({ instance: { uuid } });
    await suspending;
    expect(hypervisor.look(uuid)).toMatchObject({ guest: { state: 'shut-off' }, savedMemory: 'present', vifs: [] });
  });

  it('ends what hangs when it is cleaned up', async () => {
    const { driver, hypervisor, clock } = await fakeBench();
    const instance = await spawned(driver);
    hypervisor.faults.add({ at: 'start', fault: { type: 'hang', until: 'abort' } });
    const rebooting = expect(driver.reboot({ instance, type: 'HARD' })).rejects.toMatchObject({ code: 'ABORTED' });
    await clock.advance(0);
    await driver.cleanupHost({});
    await rebooting;
  });

  it('takes as long as its configuration says', async () => {
    const { clock, hypervisor } = await fakeBench();
    const environment = testEnvironment({ clock });
    const slow = fakeDriver.create({ hypervisor, latencyMs: 7 }, environment);
    const initialising = slow.initHost({});
    await clock.advance(14);
    await initialising;
    const listing = slow.listInstanceUuids({});
    await clock.advance(7);
    expect(await listing).toEqual([]);
    expect(clock.monotonicMs()).toBe(21);
  });

  it('refuses a flavor that is too small for the image before it has done anything', async () => {
    const { driver, hypervisor } = await fakeBench();
    const instance = instanceSpec({ image: { ...instanceSpec().image, minMemoryMib: 2_048 } });
    await expect(driver.spawn({ instance })).rejects.toMatchObject({
      code: 'FLAVOR_TOO_SMALL',
      details: { resource: 'memory', requiredMib: 2_048, offeredMib: 512 },
    });
    expect(hypervisor.journal.steps).toEqual([]);
  });
});

describe('the definition of the fake driver', () => {
  async function check(value: unknown) {
    return fakeDriver.configuration['~standard'].validate(value);
  }

  it('accepts a configuration with nothing in it', async () => {
    expect(await check({})).toEqual({ value: {} });
  });

  it.each([
    [{ latencyMs: -1 }, ['latencyMs'], 'whole milliseconds, 0 or more'],
    [{ latencyMs: 1.5 }, ['latencyMs'], 'whole milliseconds, 0 or more'],
    [{ undoTimeoutMs: '5 s' }, ['undoTimeoutMs'], 'whole milliseconds, 0 or more'],
    [{ hypervisor: {} }, ['hypervisor'], 'a FakeHypervisor'],
    [{ vifPluggingIsFatal: 1 }, ['vifPluggingIsFatal'], 'true, false'],
    [{ latency: 5 }, [], 'an object of hypervisor, latencyMs, vifPluggingTimeoutMs, vifPluggingIsFatal,'],
    ['fake', [], 'an object of hypervisor, latencyMs,'],
  ])('refuses %o, naming the field and what is accepted', async (value, path, accepted) => {
    const { issues } = await check(value);
    expect(issues?.[0]).toMatchObject({ path, message: expect.stringContaining(accepted) });
    expect(issues?.length).toBe(1);
  });

  it('gives drivers of the same configuration the same hypervisor, and others another', async () => {
    const environment = testEnvironment({ clock: new VirtualClock() });
    const configuration: FakeConfiguration = {};
    const instance = instanceSpec();
    const first = fakeDriver.create(configuration, environment);
    await first.initHost({});
    await first.spawn({ instance });
    await first.cleanupHost({});
    const second = fakeDriver.create(configuration, environment);
    await second.initHost({});
    expect(await second.listInstanceUuids({})).toEqual([instance.uuid]);
    const stranger = fakeDriver.create({}, environment);
    await stranger.initHost({});
    expect(await stranger.listInstanceUuids({})).toEqual([]);
  });

  it('drives the hypervisor it is given', async () => {
    const clock = new VirtualClock();
    const hypervisor = new FakeHypervisor({ clock });
    const driver = fakeDriver.create({ hypervisor }, testEnvironment({ clock }));
    await driver.initHost({});
    const instance = instanceSpec();
    await driver.spawn({ instance });
    expect(hypervisor.guestUuids()).toEqual([instance.uuid]);
  });
});

import { testEnvironment } from '@virtkit/driver-testkit';
import { describe, expect, it } from 'vitest';
import { FakeDriver, type FakeHypervisor, type VirtualClock } from '../src/index.js';
import { fakeBench } from './fake-bench.js';
import { instanceSpec } from './instance-spec.js';

/** The driver of the manager that has taken the host since. */
async function successor(hypervisor: FakeHypervisor, clock: VirtualClock): Promise<FakeDriver> {
  const driver = new FakeDriver({ hypervisor }, testEnvironment({ clock, epoch: 2 }));
  await driver.initHost({});
  return driver;
}

/** What a call has rejected with, once time has passed. */
async function failureOf(clock: VirtualClock, call: Promise<unknown>): Promise<unknown> {
  const failure = call.then(
    () => 'no failure',
    (reason: unknown) => reason,
  );
  await clock.advance(1_000);
  return await failure;
}

describe('the hypervisor', () => {
  it('refuses a request that a replaced manager has sent, and nothing is changed', async () => {
    const { driver, hypervisor, clock } = await fakeBench();
    const instance = instanceSpec();
    await driver.spawn({ instance });
    await successor(hypervisor, clock);
    await expect(driver.pause({ instance })).rejects.toMatchObject({ code: 'SESSION_LOST', effect: 'none' });
    await expect(driver.destroy({ instance })).rejects.toMatchObject({ code: 'SESSION_LOST', effect: 'none' });
    expect(hypervisor.look(instance.uuid).guest?.state).toBe('running');
  });

  it('refuses a request that was on its way when the manager was replaced', async () => {
    const { driver, hypervisor, clock } = await fakeBench();
    const instance = instanceSpec();
    await driver.spawn({ instance });
    const far = new FakeDriver({ hypervisor, latencyMs: 100 }, testEnvironment({ clock }));
    const opened = far.initHost({});
    await clock.advance(1_000);
    await opened;
    const pause = far.pause({ instance }).catch((reason: unknown) => reason);
    // The state is read, and the change is on its way.
    await clock.advance(150);
    await successor(hypervisor, clock);
    await clock.advance(1_000);
    expect(await pause).toMatchObject({ code: 'SESSION_LOST', effect: 'none' });
    expect(hypervisor.look(instance.uuid).guest?.state).toBe('running');
  });

  it('answers a replaced manager that only looks, and its successor everything', async () => {
    const { driver, hypervisor, clock } = await fakeBench();
    const instance = instanceSpec();
    await driver.spawn({ instance });
    const next = await successor(hypervisor, clock);
    expect(await driver.getInfo({ instance })).toEqual({ powerState: 'RUNNING' });
    await next.pause({ instance });
    expect(await driver.getInfo({ instance })).toEqual({ powerState: 'PAUSED' });
  });
});

describe('the fake driver in the middle of a call that loses its host', () => {
  it.each([1, 2, 3])('undoes nothing after %i steps of a spawn, and says that nobody knows', async (afterPasses) => {
    const { driver, hypervisor, environment, clock } = await fakeBench();
    const instance = instanceSpec();
    let before: unknown;
    environment.fence.lose({
      afterPasses,
      onRefusal: () => Promise.resolve(void (before = hypervisor.look(instance.uuid))),
    });
    expect(await failureOf(clock, driver.spawn({ instance }))).toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      effect: 'unknown',
    });
    expect(before).toBeDefined();
    expect(hypervisor.look(instance.uuid)).toEqual(before);
  });

  it('undoes nothing of a start that failed by itself before', async () => {
    const { driver, hypervisor, environment, clock } = await fakeBench();
    const instance = instanceSpec();
    hypervisor.faults.add({ at: 'start', fault: { type: 'delay', delayMs: 10 } });
    hypervisor.faults.add({ at: 'resumeCpus', fault: { type: 'throw', error: new Error('no') } });
    hypervisor.faults.add({ at: 'readState', nth: 2, fault: { type: 'throw', error: new Error('no') } });
    const failure = failureOf(clock, driver.spawn({ instance }));
    environment.fence.lose({ afterPasses: 4 });
    expect(await failure).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    expect(hypervisor.look(instance.uuid).disks).toHaveLength(1);
  });
});

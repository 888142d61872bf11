import { describe, expect, it } from 'vitest';
import { ComputeError, suppressedFailuresOf, type InstanceSpec } from '@virtkit/core/driver';
import { FaultPlan, randomFaultPlan, type FakeDriver, type Fault } from '../src/index.js';
import { fakeBench } from './fake-bench.js';
import { instanceSpec } from './instance-spec.js';

const boom: Fault = { type: 'throw', error: new Error('boom') };
const never: Fault = { type: 'hang', until: 'never' };

function suppressedOf(failure: unknown): readonly (readonly [string, string])[] {
  return suppressedFailuresOf(failure).map((suppressed) => [suppressed.during, String(suppressed.failure)]);
}

async function spawned(driver: FakeDriver): Promise<InstanceSpec> {
  const instance = instanceSpec();
  await driver.spawn({ instance });
  return instance;
}

describe('a fault plan', () => {
  it('strikes the nth call of an operation, as often as it was planned', () => {
    const plan = new FaultPlan();
    const planned = plan.add({ at: 'start', nth: 2, times: 2, fault: boom });
    const strikes = [1, 2, 3, 4].map(() => plan.strike('start', 'a') === boom);
    expect(strikes).toEqual([false, true, true, false]);
    expect(planned.strikes).toBe(2);
    expect(plan.strike('stop', 'a')).toBeUndefined();
  });

  it('counts the calls of one instance where it is told one', () => {
    const plan = new FaultPlan();
    plan.add({ at: 'start', instanceUuid: 'b', nth: 2, fault: boom });
    const calls = ['b', 'a', 'a', 'b', 'b'];
    expect(calls.map((uuid) => plan.strike('start', uuid) === boom)).toEqual([false, false, false, true, false]);
  });

  it('lets the fault planned first strike, and the others count', () => {
    const plan = new FaultPlan();
    plan.add({ at: 'start', fault: boom });
    plan.add({ at: 'start', nth: 2, fault: never });
    expect(plan.strike('start', 'a')).toBe(boom);
    expect(plan.strike('start', 'a')).toBe(never);
  });

  it('forgets a fault that is cancelled', () => {
    const plan = new FaultPlan();
    const planned = plan.add({ at: 'start', times: 'always', fault: boom });
    plan.strike('start', 'a');
    planned.cancel();
    planned.cancel();
    expect(plan.strike('start', 'a')).toBeUndefined();
    expect(planned.strikes).toBe(1);
  });

  it.each([
    [{ at: 'strat', fault: boom }, 'at is strat; accepted: connect, readState,'],
    [{ at: 'start', nth: 0, fault: boom }, 'nth is 0; accepted: a whole number from 1.'],
    [{ at: 'start', times: 1.5, fault: boom }, "times is 1.5; accepted: a whole number from 1, 'always'."],
    [{ at: 'reboot', fault: { type: 'event', delivery: 'never' } }, 'An event fault is planned at reboot; accepted:'],
    [{ at: 'stop', fault: { type: 'crash-guest' } }, 'A crash-guest fault is planned at stop; accepted: start,'],
  ])('refuses a fault that cannot strike: %o', (request, message) => {
    expect(() => new FaultPlan().add(request as never)).toThrow(message);
  });

  it('is the same for the same seed', () => {
    expect(randomFaultPlan(7).faults).toEqual(randomFaultPlan(7).faults);
    expect(randomFaultPlan(7).faults).not.toEqual(randomFaultPlan(8).faults);
  });
});

describe('a fault at a driver method', () => {
  it('leaves the driver as it is, for it plays a driver that breaks its contract', async () => {
    const { driver, hypervisor } = await fakeBench();
    const foreign = { not: 'even an error' };
    hypervisor.faults.add({ at: 'reboot', fault: { type: 'throw', error: foreign } });
    await expect(driver.reboot({ instance: instanceSpec(), type: 'HARD' })).rejects.toBe(foreign);
    expect(hypervisor.journal.entries.map(({ operation, outcome }) => [operation, outcome])).toEqual([
      ['reboot', 'failed'],
    ]);
  });

  it('can strike when the work is done', async () => {
    const { driver, hypervisor } = await fakeBench();
    const instance = instanceSpec();
    hypervisor.faults.add({ at: 'spawn', fault: { type: 'lose-answer' } });
    await expect(driver.spawn({ instance })).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN', effect: 'unknown' });
    expect(hypervisor.look(instance.uuid).guest?.state).toBe('running');
  });

  it('can hang in spite of its signal, and destroy gets through', async () => {
    const { driver, hypervisor, clock } = await fakeBench();
    const instance = instanceSpec();
    hypervisor.faults.add({ at: 'start', fault: never });
    const abort = new AbortController();
    let settled = false;
    void driver.spawn({ instance }, { signal: abort.signal }).finally(() => (settled = true));
    await clock.advance(0);
    abort.abort();
    await driver.destroy({ instance });
    await clock.runUntilIdle();
    expect(settled).toBe(false);
    expect(hypervisor.look(instance.uuid).disks).toEqual([]);
  });
});

describe('a fault at a step', () => {
  it('can crash the guest while it starts: the driver has checked, and spawn fails', async () => {
    const { driver, hypervisor, environment } = await fakeBench();
    const instance = instanceSpec();
    hypervisor.faults.add({ at: 'start', fault: { type: 'crash-guest' } });
    await expect(driver.spawn({ instance })).rejects.toMatchObject({ code: 'GUEST_START_FAILED' });
    expect(environment.transitionsOf(instance.uuid)).toEqual(['started', 'crashed']);
    expect(hypervisor.look(instance.uuid).guest).toBeUndefined();
  });

  it('can delay a step on the hypervisor clock', async () => {
    const { driver, hypervisor, clock } = await fakeBench();
    const instance = instanceSpec();
    hypervisor.faults.add({ at: 'define', fault: { type: 'delay', delayMs: 500 } });
    const spawning = driver.spawn({ instance });
    await clock.advance(499);
    expect(hypervisor.look(instance.uuid).guest).toBeUndefined();
    await clock.advance(1);
    await spawning;
  });

  it('can deliver events twice, late or never', async () => {
    const { driver, hypervisor, clock, environment } = await fakeBench();
    const { uuid } = await spawned(driver);
    hypervisor.faults.add({ at: 'pauseCpus', fault: { type: 'event', delivery: 'twice' } });
    hypervisor.faults.add({ at: 'resumeCpus', fault: { type: 'event', delivery: 'late', delayMs: 100 } });
    hypervisor.faults.add({ at: 'stop', fault: { type: 'event', delivery: 'never' } });
    await driver.pause({ instance: { uuid } });
    await driver.unpause({ instance: { uuid } });
    await driver.powerOff({ instance: { uuid } });
    expect(environment.transitionsOf(uuid)).toEqual(['started', 'paused', 'paused']);
    await clock.advance(100);
    expect(environment.transitionsOf(uuid)).toEqual(['started', 'paused', 'paused', 'resumed']);
  });

  it('joins the first error with what fails while it is undone', async () => {
    const { driver, hypervisor } = await fakeBench();
    const instance = instanceSpec();
    const first = new ComputeError('GUEST_START_FAILED', { instanceUuid: instance.uuid, reason: 'kernel' });
    hypervisor.faults.add({ at: 'start', fault: { type: 'throw', error: first } });
    hypervisor.faults.add({ at: 'unplugVif', fault: { type: 'throw', error: new Error('device busy') } });
    await expect(driver.spawn({ instance })).rejects.toBe(first);
    expect(suppressedOf(first)).toEqual([
      [`unplug interface ${instance.networkInterfaces[0]?.id}`, 'Error: device busy'],
    ]);
    expect((await driver.inspect({ instanceUuid: instance.uuid })).belongings).toEqual([
      `vif ${instance.networkInterfaces[0]?.id}`,
    ]);
    await driver.destroy({ instance });
    expect((await driver.inspect({ instanceUuid: instance.uuid })).belongings).toEqual([]);
  });

  it('does not keep the first error back when undoing hangs', async () => {
    const { driver, hypervisor, clock } = await fakeBench({ undoTimeoutMs: 1_000 });
    const instance = instanceSpec();
    hypervisor.faults.add({ at: 'start', fault: { type: 'throw', error: new Error('no') } });
    hypervisor.faults.add({ at: 'undefine', fault: never });
    const rejecting = driver.spawn({ instance }).then(
      () => undefined,
      (failure: unknown) => failure,
    );
    await clock.advance(1_000);
    const failure = await rejecting;
    expect(failure).toMatchObject({ code: 'GUEST_START_FAILED' });
    expect(suppressedOf(failure).map(([during]) => during)).toEqual(['undefine the guest', 'remove disk root']);
  });
});

import { describe, expect, it } from 'vitest';
import type { ComputeError, InstanceSpec } from '@virtkit/core/driver';
import { FakeHypervisor, VirtualClock, type FakeDriver } from '../src/index.js';
import { guestTransitions, stateAfter, type GuestState } from '../src/hypervisor/guest-transitions.js';
import { fakeBench, newDriver } from './fake-bench.js';
import { instanceSpec } from './instance-spec.js';

async function spawned(driver: FakeDriver, overrides: Partial<InstanceSpec> = {}): Promise<InstanceSpec> {
  const instance = instanceSpec(overrides);
  await driver.spawn({ instance });
  return instance;
}

const flavorOf = (memoryMib: number, rootDiskGib = 1): InstanceSpec['flavor'] => ({
  ...instanceSpec().flavor,
  memoryMib,
  rootDiskGib,
});

describe('a simulated guest', () => {
  const states: readonly GuestState[] = ['running', 'paused', 'shut-off', 'crashed'];
  const names = Object.keys(guestTransitions) as (keyof typeof guestTransitions)[];

  it.each(names)('goes through %s from the states of the table only', (name) => {
    const from: readonly GuestState[] = guestTransitions[name].from;
    for (const state of states) {
      if (from.includes(state)) expect(stateAfter(name, state, 'web')).toBe(guestTransitions[name].to);
      else expect(() => stateAfter(name, state, 'web')).toThrow(`cannot ${name} domain 'web' while it is ${state}`);
    }
  });

  it('has a new life after each boot, the same after a resume, and a console log for each', async () => {
    const { driver, hypervisor } = await fakeBench();
    const instance = await spawned(driver);
    const lifeOf = (): number | undefined => hypervisor.look(instance.uuid).guest?.life;
    const first = lifeOf();
    hypervisor.writeConsole(instance.uuid, 'login: ');
    await driver.suspend({ instance });
    await driver.resume({ instance });
    expect(lifeOf()).toBe(first);
    expect(Buffer.from(await driver.getConsoleOutput({ instance })).toString()).toBe('Booting web-1, life 1\nlogin: ');
    await driver.reboot({ instance, type: 'HARD' });
    expect(lifeOf()).toBe(2);
    const end = await driver.getConsoleOutput({ instance, lengthBytesMax: 7 });
    expect(Buffer.from(end).toString()).toBe('life 2\n');
  });

  it('keeps what it was started from apart from what it is defined as', async () => {
    const { driver, hypervisor } = await fakeBench();
    const small = await spawned(driver);
    const connection = hypervisor.connect({ latencyMs: 0, onGuestEvent: () => {} });
    await connection.open();
    const large = { ...small, flavor: flavorOf(4_096) };
    await connection.define(large);
    const guest = hypervisor.look(small.uuid).guest;
    expect([guest?.running?.flavor.memoryMib, guest?.definition.flavor.memoryMib]).toEqual([512, 4_096]);
    await driver.reboot({ instance: large, type: 'HARD' });
    expect(hypervisor.resources.memoryUsedMib).toBe(4_096);
  });
});

describe('a simulated host', () => {
  it('gives out the memory and the disk it has, and no more', async () => {
    const { driver, hypervisor } = await fakeBench({}, { memoryMib: 1_000, diskGib: 3 });
    await spawned(driver, { flavor: flavorOf(600) });
    const tooLarge = await driver
      .spawn({ instance: instanceSpec({ flavor: flavorOf(600) }) })
      .catch((failure: unknown) => failure);
    expect(tooLarge).toMatchObject({
      code: 'INSUFFICIENT_RESOURCES',
      details: { resource: 'memory' },
      effect: 'partial',
    });
    const tooWide = await driver
      .spawn({ instance: instanceSpec({ flavor: flavorOf(64, 3) }) })
      .catch((failure: unknown) => failure);
    expect(tooWide).toMatchObject({ code: 'INSUFFICIENT_RESOURCES', details: { resource: 'disk' }, effect: 'none' });
    expect((tooWide as ComputeError).message).not.toContain('/srv');
    expect(hypervisor.resources).toMatchObject({ memoryUsedMib: 600, diskUsedGib: 1 });
  });

  it('keeps its guests when every driver is gone', async () => {
    const { driver, hypervisor, clock } = await fakeBench();
    const { uuid } = await spawned(driver);
    await driver.cleanupHost({});
    hypervisor.stopGuest(uuid);
    const { driver: next } = await newDriver(hypervisor, clock);
    expect(await next.listInstanceUuids({})).toEqual([uuid]);
    expect((await next.getInfo({ instance: { uuid } })).powerState).toBe('SHUTDOWN');
  });

  it('tells of crashes, and a crashed guest holds its memory until it is stopped', async () => {
    const { driver, hypervisor, environment } = await fakeBench();
    const instance = await spawned(driver);
    hypervisor.crashGuest(instance.uuid);
    expect(environment.transitionsOf(instance.uuid)).toEqual(['started', 'crashed']);
    expect((await driver.getInfo({ instance })).powerState).toBe('CRASHED');
    expect(hypervisor.resources.memoryUsedMib).toBe(512);
    await driver.powerOn({ instance });
    expect((await driver.getInfo({ instance })).powerState).toBe('RUNNING');
    expect(hypervisor.resources.memoryUsedMib).toBe(512);
  });

  it('answers nobody when its connections are dropped, and its guests go on', async () => {
    const { driver, hypervisor, clock } = await fakeBench();
    const instance = await spawned(driver);
    hypervisor.dropConnections();
    const failure = await driver.pause({ instance }).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: 'HYPERVISOR_UNAVAILABLE', effect: 'none' });
    const { driver: next } = await newDriver(hypervisor, clock);
    expect((await next.getInfo({ instance })).powerState).toBe('RUNNING');
  });

  it('ends its own waits when it is disposed', async () => {
    const clock = new VirtualClock();
    const { driver, hypervisor } = await fakeBench({}, { clock, shutdownManner: 5_000 });
    const { uuid } = await spawned(driver);
    const connection = hypervisor.connect({ latencyMs: 0, onGuestEvent: () => {} });
    await connection.open();
    await connection.askToStop(uuid);
    expect(clock.sleeperCount).toBe(1);
    hypervisor[Symbol.dispose]();
    expect(clock.sleeperCount).toBe(0);
  });

  it('holds ten thousand guests', async () => {
    const { driver, hypervisor } = await fakeBench();
    const instances = Array.from({ length: 10_000 }, () => instanceSpec());
    await Promise.all(instances.map((instance) => driver.spawn({ instance })));
    expect((await driver.listInstanceUuids({})).length).toBe(10_000);
    expect(hypervisor.resources.memoryUsedMib).toBe(5_120_000);
    expect(hypervisor.journal.entries.length).toBeLessThanOrEqual(10_000);
    await Promise.all(instances.map((instance) => driver.destroy({ instance })));
    expect(hypervisor.guestUuids()).toEqual([]);
    expect(hypervisor.resources).toMatchObject({ memoryUsedMib: 0, diskUsedGib: 0 });
  });

  it('refuses nothing by itself but what a real host refuses', () => {
    const hypervisor = new FakeHypervisor({ clock: new VirtualClock() });
    expect(() => hypervisor.crashGuest('nobody')).toThrow('Domain not found');
    expect(hypervisor.look('nobody')).toMatchObject({ guest: undefined, disks: [], vifs: [] });
  });
});

import type { AcceptedAction, HostLifeConfiguration } from '@virtkit/core';
import type { TaskState } from '@virtkit/core/store';
import { describe, expect, it } from 'vitest';
import { ActionsInFlight } from '../src/host-life/actions-in-flight.js';
import { builtInstance } from './support/built-instance.js';
import {
  admin,
  fakeCompute,
  quietLife,
  tenant,
  type FakeCompute,
  type FakeComputeParts,
} from './support/fake-compute.js';

const minute = 60_000;

describe('actions in flight', () => {
  /** One that is accepted at once and ends when the test says so. */
  function endable() {
    const finished = Promise.withResolvers<void>();
    const accepted = { finished: finished.promise } as unknown as AcceptedAction;
    return { accept: () => Promise.resolve(accepted), end: finished.resolve };
  }
  const { signal } = new AbortController();

  it('are begun without waiting for an end, as long as there is a place', async () => {
    const inFlight = new ActionsInFlight(2);
    const [first, second, third] = [endable(), endable(), endable()];
    await inFlight.begin(first.accept, signal);
    await inFlight.begin(second.accept, signal);
    let begun = 0;
    const waiting = inFlight.begin(third.accept, signal).then(() => (begun += 1));
    await Promise.resolve();
    expect([inFlight.count, begun]).toEqual([2, 0]);
    first.end();
    await waiting;
    expect([inFlight.count, begun]).toEqual([2, 1]);
  });

  it('are never more than allowed, however many wait', async () => {
    const inFlight = new ActionsInFlight(1);
    const running = new Set<object>();
    let most = 0;
    const work = Array.from({ length: 20 }, async () => {
      const one = endable();
      await inFlight.begin(() => {
        running.add(one);
        most = Math.max(most, running.size);
        return one.accept();
      }, signal);
      running.delete(one);
      one.end();
    });
    await Promise.all(work);
    expect(most).toBe(1);
    expect(inFlight.count).toBe(0);
  });

  it('leave their place when they are refused, or have nothing to do', async () => {
    const inFlight = new ActionsInFlight(1);
    const refused = new Error('somebody was quicker');
    await expect(inFlight.begin(() => Promise.reject(refused), signal)).rejects.toBe(refused);
    await inFlight.begin(() => Promise.resolve(undefined), signal);
    expect(inFlight.count).toBe(0);
  });

  it('are not waited for by whoever is told to stop', async () => {
    const inFlight = new ActionsInFlight(1);
    await inFlight.begin(endable().accept, signal);
    const stop = new AbortController();
    const waiting = inFlight.begin(endable().accept, stop.signal);
    stop.abort(new Error('the host is closed'));
    await expect(waiting).rejects.toThrow('the host is closed');
    expect(inFlight.count).toBe(1);
  });
});

describe('an action that the host has begun by itself and that hangs', () => {
  async function fakeWith(life: HostLifeConfiguration, parts: FakeComputeParts = {}): Promise<FakeCompute> {
    return await fakeCompute({ ...parts, hostLife: { ...life, everyMs: { ...quietLife.everyMs, ...life.everyMs } } });
  }

  async function rescued(fake: FakeCompute, name: string): Promise<string> {
    const { uuid } = await builtInstance(fake, { name });
    const { finished } = await fake.settled(fake.compute.api.repair.rescue(tenant, uuid));
    expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });
    return uuid;
  }

  /** Lets time pass until something is being done to the instance. */
  async function begun({ clock, store }: FakeCompute, uuid: string, taskState: TaskState): Promise<void> {
    const untilMs = clock.now() + 100 * minute;
    while ((await store.getInstance(uuid)).taskState !== taskState) {
      if (clock.now() > untilMs) throw new Error(`${uuid} is not ${taskState}`);
      await clock.advance(1_000);
    }
  }

  it('does not hold back what the same task finds later, and is begun once', async () => {
    await using fake = await fakeWith({ rescueTimeoutMs: 60 * minute, everyMs: { autoUnrescue: minute } });
    const stuck = await rescued(fake, 'web-1');
    await fake.clock.advance(minute);
    const other = await rescued(fake, 'web-2');
    const at = { at: 'unrescue', instanceUuid: stuck, times: 'always' } as const;
    fake.hypervisor.faults.add({ ...at, fault: { type: 'hang', until: 'never' } });

    await begun(fake, stuck, 'unrescuing');
    expect(await fake.store.getInstance(other)).toMatchObject({ vmState: 'rescued', taskState: null });
    // The driver has three minutes for it.
    await fake.clock.advance(2.5 * minute);
    expect(await fake.store.getInstance(stuck)).toMatchObject({ taskState: 'unrescuing' });
    expect(await fake.store.getInstance(other)).toMatchObject({ vmState: 'active', taskState: null });
    const actions = await fake.store.listActions(stuck);
    expect(actions.filter(({ operation }) => operation === 'unrescue')).toHaveLength(1);
  });

  it('does not hold back the power sync', async () => {
    const first = await fakeWith({});
    const [stuck, other] = [await builtInstance(first), await builtInstance(first, { name: 'web-2' })];
    await first.settled(first.compute.close());
    const { clock, store, hypervisor } = first;
    hypervisor.stopGuest(stuck.uuid);
    const at = { at: 'powerOn', instanceUuid: stuck.uuid, times: 'always' } as const;
    hypervisor.faults.add({ ...at, fault: { type: 'hang', until: 'never' } });

    const life = { powerStatePolicy: 'enforce', everyMs: { powerSync: minute } } as const;
    await using fake = await fakeWith(life, { clock, store, hypervisor });
    await clock.advance(1_000);
    expect(await store.getInstance(stuck.uuid)).toMatchObject({ taskState: 'powering-on' });
    const drift = { vmState: 'stopped', powerState: 'SHUTDOWN' } as const;
    await store.commit([{ write: 'update-instance', uuid: other.uuid, patch: drift, guard: {} }]);

    await clock.advance(2 * minute);
    expect(await store.getInstance(stuck.uuid)).toMatchObject({ taskState: 'powering-on' });
    expect(hypervisor.look(other.uuid).guest?.state).toBe('shut-off');
    expect((await fake.compute.operator.health(admin)).tasks[0]).toMatchObject({ name: 'powerSync', isLate: false });
  });

  it('is waited for by a drain, and ended by a close', async () => {
    const fake = await fakeWith({ rescueTimeoutMs: 60 * minute, everyMs: { autoUnrescue: minute } });
    const uuid = await rescued(fake, 'web-1');
    fake.hypervisor.faults.add({ at: 'unrescue', instanceUuid: uuid, fault: { type: 'delay', delayMs: 2 * minute } });
    await begun(fake, uuid, 'unrescuing');

    const report = await fake.settled(fake.compute.drain({ waitMs: 30_000 }));
    expect(report.running).toMatchObject([{ operation: 'unrescue', instanceUuid: uuid }]);
    expect(await fake.settled(fake.compute.drain({ waitMs: 10 * minute }))).toEqual({ running: [], queued: [] });
    expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState: 'active', taskState: null });
    await fake.settled(fake.compute.close());
    expect(fake.clock.sleeperCount).toBe(0);
  });
});

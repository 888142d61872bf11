import { setImmediate as turn } from 'node:timers/promises';
import { ComputeError, MemoryStore, silentLog, type Clock, type ComputeStore } from '@virtkit/core';
import { VirtualClock } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { HostTenure } from '../src/records/host-tenure.js';
import { builtInstance } from './support/built-instance.js';
import { fakeCompute, tenant, type FakeCompute } from './support/fake-compute.js';

const LEASE_MS = 30_000;
const somebodyElse = { host: 'host-1', holder: 'another', leaseMs: LEASE_MS, takeOver: 'at-once' } as const;

interface World {
  readonly clock: VirtualClock;
  readonly store: MemoryStore;
  readonly tenure: HostTenure;
  readonly lost: number[];
  /** How often the store was asked to renew the lease. */
  readonly renewals: () => number;
  /** From now on the store does not answer, or answers again. */
  readonly setStore: (state: 'away' | 'there') => void;
  /** The wall clock is set, or the machine has slept: by so much it runs ahead of the monotonic one. */
  readonly moveWallClock: (byMs: number) => void;
}

async function world(): Promise<World> {
  const clock = new VirtualClock();
  let aheadMs = 0;
  const wallClock: Clock = {
    now: () => clock.now() + aheadMs,
    monotonicMs: () => clock.monotonicMs(),
    after: (durationMs, due) => clock.after(durationMs, due),
    sleep: (durationMs, options) => clock.sleep(durationMs, options),
  };
  const store = new MemoryStore({ now: () => wallClock.now() });
  let state = 'there';
  let renewals = 0;
  const renewSession: ComputeStore['renewSession'] = async (session, leaseMs) => {
    renewals += 1;
    if (state === 'away') throw new ComputeError('STORE_UNAVAILABLE', {});
    return await store.renewSession(session, leaseMs);
  };
  const lost: number[] = [];
  const tenure = new HostTenure({
    host: 'host-1',
    leaseMs: LEASE_MS,
    takeOver: 'when-expired',
    store: Object.assign(Object.create(store) as MemoryStore, {
      openSession: store.openSession.bind(store),
      closeSession: store.closeSession.bind(store),
      renewSession,
    }),
    clock: wallClock,
    log: silentLog,
    onLost: ({ epoch }) => void lost.push(epoch),
  });
  await tenure.begin();
  return {
    clock,
    store,
    tenure,
    lost,
    renewals: () => renewals,
    setStore: (next) => {
      state = next;
    },
    moveWallClock: (byMs) => {
      aheadMs += byMs;
    },
  };
}

/** What has become of a promise once all that is ready has run. */
async function stateOf(promise: Promise<unknown>): Promise<unknown> {
  let state: unknown = 'waits';
  promise.then(
    () => (state = 'passed'),
    (reason: unknown) => (state = reason),
  );
  await turn();
  return state;
}

describe('the fence of a host', () => {
  it('passes at once while the lease lasts, without asking the store', async () => {
    const { tenure, clock, renewals } = await world();
    await tenure.pass();
    await clock.advance(LEASE_MS / 3 - 1);
    await tenure.pass();
    expect(renewals()).toBe(0);
  });

  it('lets nobody pass before the host is taken, and nobody after it is given back', async () => {
    const { tenure } = await world();
    await tenure.end();
    await expect(tenure.pass()).rejects.toMatchObject({ code: 'SESSION_LOST', effect: 'none' });
  });

  it('waits while the store is away for longer than the lease, and passes as soon as the store has renewed it', async () => {
    const { tenure, clock, setStore } = await world();
    setStore('away');
    await clock.advance(LEASE_MS + 1);
    expect(tenure.isLost).toBe(false);
    const passes = [tenure.pass(), tenure.pass(), tenure.pass()];
    await clock.advance(5 * LEASE_MS);
    expect(await stateOf(Promise.race(passes))).toBe('waits');
    setStore('there');
    await clock.advance(1_000);
    await Promise.all(passes);
    expect(tenure.isHeld).toBe(true);
  });

  it('asks the store at once when a call finds the lease over, and not only when the timer is due', async () => {
    const { tenure, clock, renewals, moveWallClock } = await world();
    moveWallClock(LEASE_MS);
    await tenure.pass();
    expect(renewals()).toBe(1);
    expect(clock.monotonicMs()).toBe(0);
  });

  it.each([LEASE_MS, 8 * 3_600_000, 400 * 86_400_000])(
    'renews once when the wall clock has jumped forward by %i ms, for all that ask',
    async (byMs) => {
      const { tenure, renewals, moveWallClock } = await world();
      moveWallClock(byMs);
      await Promise.all(Array.from({ length: 50 }, () => tenure.pass()));
      await tenure.pass();
      expect(renewals()).toBe(1);
    },
  );

  it('does not believe a wall clock that was set back: the monotonic one still ends the lease', async () => {
    const { tenure, clock, setStore, moveWallClock } = await world();
    moveWallClock(-3_600_000);
    setStore('away');
    await clock.advance(LEASE_MS - 1);
    expect(tenure.isHeld).toBe(true);
    await clock.advance(1);
    expect(tenure.isHeld).toBe(false);
  });

  it.each([
    ['the machine has slept', async ({ moveWallClock }: World) => Promise.resolve(moveWallClock(LEASE_MS + 1))],
    [
      'the store was away',
      async ({ clock, setStore }: World) => {
        setStore('away');
        await clock.advance(LEASE_MS + 1);
        setStore('there');
      },
    ],
  ] as const)(
    'throws SESSION_LOST when %s and another manager has come meanwhile, now and for ever',
    async (_, pause) => {
      const all = await world();
      const { tenure, store, lost, clock } = all;
      await pause(all);
      await store.openSession(somebodyElse);
      const pass = tenure.pass();
      const refusal = pass.catch((reason: unknown) => reason);
      await clock.advance(1_000);
      expect(await refusal).toMatchObject({ code: 'SESSION_LOST', effect: 'none' });
      await expect(tenure.pass()).rejects.toMatchObject({ code: 'SESSION_LOST' });
      expect(lost).toEqual([tenure.epoch]);
      expect(tenure.isLost).toBe(true);
    },
  );

  it('notices at once that it was replaced when the store has refused a write, however long its lease still lasts', async () => {
    const { tenure, store } = await world();
    await store.openSession(somebodyElse);
    await tenure.pass();
    tenure.recheck();
    await turn();
    await expect(tenure.pass()).rejects.toMatchObject({ code: 'SESSION_LOST' });
  });

  it('lets go of a call that is aborted while it waits, with the reason of its signal', async () => {
    const { tenure, clock, setStore } = await world();
    setStore('away');
    await clock.advance(LEASE_MS);
    const abort = new AbortController();
    const pass = tenure.pass(abort.signal).catch((reason: unknown) => reason);
    abort.abort(new Error('not wanted any more'));
    expect(await pass).toMatchObject({ message: 'not wanted any more' });
  });

  it('ends the wait of calls when the host is given back', async () => {
    const { tenure, clock, setStore } = await world();
    setStore('away');
    await clock.advance(LEASE_MS);
    const pass = tenure.pass().catch((reason: unknown) => reason);
    await tenure.end();
    expect(await pass).toMatchObject({ code: 'SESSION_LOST' });
  });

  it('has a higher epoch after the records were lost than before', async () => {
    const { tenure, clock } = await world();
    await clock.advance(1);
    const again = new HostTenure({
      host: 'host-1',
      leaseMs: LEASE_MS,
      takeOver: 'when-expired',
      store: new MemoryStore({ now: () => clock.now() }),
      clock,
      log: silentLog,
      onLost: () => undefined,
    });
    await again.begin();
    expect(again.epoch).toBeGreaterThan(tenure.epoch);
  });
});

describe('a host whose store was away for longer than its lease', () => {
  const leaseMs = LEASE_MS;

  /** A manager whose store fails every call while it is away. */
  async function host(): Promise<{ fake: FakeCompute; uuid: string; setStore: (state: 'away' | 'there') => void }> {
    const clock = new VirtualClock();
    let state = 'there';
    const store = new Proxy(new MemoryStore({ now: () => clock.now() }), {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]): Promise<unknown> => {
          if (state === 'away') throw new ComputeError('STORE_UNAVAILABLE', {});
          return await (member as (...args: unknown[]) => Promise<unknown>).apply(target, args);
        };
      },
    });
    const fake = await fakeCompute({ clock, store, session: { leaseMs, takeOver: 'when-expired' } });
    const { uuid } = await builtInstance(fake);
    return { fake, uuid, setStore: (next) => void (state = next) };
  }

  it('carries out what is requested as soon as the store is back: nobody else is there', async () => {
    const { fake, uuid, setStore } = await host();
    await using _fake = fake;
    setStore('away');
    await fake.clock.advance(3 * leaseMs);
    setStore('there');
    const { finished } = await fake.settled(fake.compute.api.pause(tenant, uuid));
    expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });
  });

  it('goes on with an operation that was between two driver calls meanwhile', async () => {
    const { fake, uuid, setStore } = await host();
    await using _fake = fake;
    fake.hypervisor.faults.add({ at: 'stop', fault: { type: 'delay', delayMs: 10_000 } });
    const { finished } = await fake.settled(fake.compute.api.reboot(tenant, uuid, 'HARD'));
    setStore('away');
    await fake.clock.advance(4 * leaseMs);
    setStore('there');
    expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });
    expect(fake.hypervisor.look(uuid).guest?.state).toBe('running');
  });

  it.each(['pause', 'stop', 'delete'] as const)(
    'never ends a %s with SESSION_LOST when nobody else is there',
    async (name) => {
      const { fake, uuid, setStore } = await host();
      await using _fake = fake;
      const { finished } = await fake.settled(fake.compute.api[name](tenant, uuid));
      setStore('away');
      await fake.clock.advance(2 * leaseMs);
      setStore('there');
      expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });
    },
  );
});

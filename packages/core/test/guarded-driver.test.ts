import { setImmediate as turn } from 'node:timers/promises';
import { ComputeError, silentLog } from '@virtkit/core';
import type { ComputeDriver, DriverFence, PauseAbility } from '@virtkit/core/driver';
import { VirtualClock } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { guardDriver, type GuardedDriver } from '../src/guard/guarded-driver.js';

const uuid = '11111111-2222-4333-8444-555555555555';

type Fence = Pick<DriverFence, 'pass'>;

interface Guarded {
  readonly driver: GuardedDriver;
  readonly clock: VirtualClock;
}

/** A driver that has only what a test gives it, guarded and initialised. */
async function guarded(methods: Partial<ComputeDriver & PauseAbility>, fence?: Fence): Promise<Guarded> {
  const clock = new VirtualClock();
  const naive = {
    capabilities: {},
    initHost: () => Promise.resolve(),
    cleanupHost: () => Promise.resolve(),
    ...methods,
  } as ComputeDriver;
  const driver = guardDriver(naive, {
    name: 'naive',
    clock,
    log: silentLog,
    timeoutsMs: { getInfo: 1_000, destroy: 1_000 },
    graceMs: 100,
    ...(fence && { fence }),
  });
  await driver.initHost({});
  return { driver, clock };
}

/** The rejection of a promise, after some time has passed. */
async function failureAfter(clock: VirtualClock, durationMs: number, promise: Promise<unknown>): Promise<unknown> {
  const failure = promise.then(
    () => 'no failure',
    (reason: unknown) => reason,
  );
  await turn();
  await clock.advance(durationMs);
  return await failure;
}

describe('a guarded driver', () => {
  it.each([
    ['an error', new Error('/etc/secret')],
    ['a string', 'not an error'],
    ['undefined', undefined],
    ['a frozen object', Object.freeze({ code: 'GUEST_START_FAILED' })],
  ])('lets nothing but ComputeErrors out: %s becomes INTERNAL, with its cause', async (_, thrown) => {
    const { driver } = await guarded({ getInfo: () => Promise.reject(thrown) });
    const failure = await driver.getInfo({ instance: { uuid } }).catch((reason: unknown) => reason);
    expect(failure).toBeInstanceOf(ComputeError);
    expect(failure).toMatchObject({ code: 'INTERNAL', cause: thrown });
    expect((failure as Error).message).not.toContain('secret');
  });

  it('passes a ComputeError on, the same object', async () => {
    const error = new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid: uuid });
    const { driver } = await guarded({ getInfo: () => Promise.reject(error) });
    await expect(driver.getInfo({ instance: { uuid } })).rejects.toBe(error);
  });

  it('catches a method that throws instead of rejecting', async () => {
    const { driver } = await guarded({
      getInfo: () => {
        throw new TypeError('at once');
      },
    });
    await expect(driver.getInfo({ instance: { uuid } })).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('aborts a call at its deadline', async () => {
    const { driver, clock } = await guarded({
      getInfo: (_request, options) =>
        new Promise((_resolve, reject) => {
          options?.signal?.addEventListener('abort', () => reject(new Error('stopped')));
        }),
    });
    const failure = await failureAfter(clock, 1_000, driver.getInfo({ instance: { uuid } }));
    expect(failure).toMatchObject({ code: 'DEADLINE_EXCEEDED', details: { operation: 'getInfo', timeoutMs: 1_000 } });
  });

  it('gives up a call that does not settle after the abort, and says that its outcome is unknown', async () => {
    const { driver, clock } = await guarded({ getInfo: () => new Promise(() => undefined) });
    const failure = await failureAfter(clock, 1_100, driver.getInfo({ instance: { uuid } }));
    expect(failure).toMatchObject({ code: 'OUTCOME_UNKNOWN', effect: 'unknown' });
    expect(clock.sleeperCount).toBe(0);
  });

  it('believes a driver that ends well although it was aborted', async () => {
    const { driver, clock } = await guarded({
      getInfo: async () => {
        await clock.sleep(1_050);
        return { powerState: 'RUNNING' };
      },
    });
    const info = driver.getInfo({ instance: { uuid } });
    await clock.advance(1_050);
    expect(await info).toEqual({ powerState: 'RUNNING' });
  });

  it('tells a caller that aborted so, or gives it its own error back', async () => {
    const { driver, clock } = await guarded({
      getInfo: (_request, options) =>
        new Promise((_resolve, reject) => {
          options?.signal?.addEventListener('abort', () => reject(new Error('stopped')));
        }),
    });
    const preempted = new ComputeError('UNEXPECTED_TASK_STATE', {
      instanceUuid: uuid,
      expected: [],
      actual: 'deleting',
    });
    const aborted = async (reason?: unknown): Promise<unknown> => {
      const abort = new AbortController();
      const failure = failureAfter(clock, 0, driver.getInfo({ instance: { uuid } }, { signal: abort.signal }));
      await turn();
      abort.abort(reason);
      return await failure;
    };
    expect(await aborted()).toMatchObject({ code: 'ABORTED', effect: 'partial' });
    expect(await aborted(preempted)).toBe(preempted);
  });

  it('does not begin a call that was aborted before', async () => {
    let calls = 0;
    const { driver } = await guarded({ destroy: () => Promise.resolve(void calls++) });
    const failure = driver.destroy({ instance: { uuid } }, { signal: AbortSignal.abort() });
    await expect(failure).rejects.toMatchObject({ code: 'ABORTED', effect: 'none' });
    expect(calls).toBe(0);
  });

  it('refuses what the driver does not declare, with the reason, and never calls it', async () => {
    let calls = 0;
    const { driver } = await guarded({
      capabilities: { pause: { unsupportedBecause: 'this guest cannot do it' } },
      pause: () => Promise.resolve(void calls++),
    });
    expect(() => driver.with('pause')).toThrow('pause is not supported here: this guest cannot do it.');
    expect(() => driver.with('rescue')).toThrow('rescue is not supported here');
    expect(calls).toBe(0);
  });

  it('hands the request and the options on, with a signal of its own', async () => {
    const seen: unknown[][] = [];
    const { driver } = await guarded({
      destroy: (...args) => Promise.resolve(void seen.push(args)),
    });
    const request = { instance: { uuid }, disks: 'keep' } as const;
    await driver.destroy(request);
    expect(seen).toEqual([[request, { signal: expect.any(AbortSignal) as AbortSignal }]]);
  });

  it('is of use between initHost and cleanupHost only', async () => {
    let calls = 0;
    const naive = {
      capabilities: {},
      initHost: () => Promise.resolve(),
      cleanupHost: () => Promise.resolve(void calls++),
      getInfo: () => Promise.resolve({ powerState: 'RUNNING' as const }),
    } as unknown as ComputeDriver;
    const driver = guardDriver(naive, { name: 'naive', clock: new VirtualClock(), log: silentLog });
    await expect(driver.getInfo({ instance: { uuid } })).rejects.toMatchObject({ code: 'MANAGER_CLOSED' });
    await driver.initHost({});
    await expect(driver.initHost({})).rejects.toMatchObject({ code: 'MANAGER_CLOSED' });
    expect(await driver.getInfo({ instance: { uuid } })).toEqual({ powerState: 'RUNNING' });
    await driver.cleanupHost({});
    await driver.cleanupHost({});
    expect(calls).toBe(1);
    await expect(driver.getInfo({ instance: { uuid } })).rejects.toMatchObject({ code: 'MANAGER_CLOSED' });
  });

  it('is not held up by a driver that cannot leave its host', async () => {
    const { driver, clock } = await guarded({ cleanupHost: () => new Promise(() => undefined) });
    expect(await failureAfter(clock, 100, driver.cleanupHost({}))).toBe('no failure');
  });
});

describe('a guarded driver behind a fence', () => {
  const lost: Fence = { pass: () => Promise.reject(new ComputeError('SESSION_LOST', {})) };
  const storeAway: Fence = {
    pass: (signal) =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error));
      }),
  };

  it('is not asked for a change once the host is lost', async () => {
    let calls = 0;
    const { driver } = await guarded({ destroy: () => Promise.resolve(void calls++) }, initialized(lost));
    await expect(driver.destroy({ instance: { uuid } })).rejects.toMatchObject({
      code: 'SESSION_LOST',
      effect: 'none',
    });
    expect(calls).toBe(0);
  });

  it('answers reads, of an instance and of the host, whatever the fence says', async () => {
    const { driver } = await guarded(
      {
        getInfo: () => Promise.resolve({ powerState: 'RUNNING' }),
        listInstanceUuids: () => Promise.resolve([uuid]),
      },
      initialized(lost),
    );
    expect(await driver.getInfo({ instance: { uuid } })).toEqual({ powerState: 'RUNNING' });
    expect(await driver.listInstanceUuids({})).toEqual([uuid]);
  });

  it('waits for the lease until the deadline of the call, and says then that nothing was done', async () => {
    let calls = 0;
    const { driver, clock } = await guarded({ destroy: () => Promise.resolve(void calls++) }, initialized(storeAway));
    const failure = await failureAfter(clock, 1_000, driver.destroy({ instance: { uuid } }));
    expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE', effect: 'none' });
    expect(calls).toBe(0);
  });

  it('can be cancelled while it waits for the lease', async () => {
    const { driver, clock } = await guarded({ destroy: () => Promise.resolve() }, initialized(storeAway));
    const abort = new AbortController();
    const failure = failureAfter(clock, 0, driver.destroy({ instance: { uuid } }, { signal: abort.signal }));
    await turn();
    abort.abort();
    expect(await failure).toMatchObject({ code: 'ABORTED', effect: 'none' });
  });

  it('says OUTCOME_UNKNOWN of a call that was begun and is aborted because the host was lost', async () => {
    const { driver, clock } = await guarded({
      destroy: (_request, options) =>
        new Promise((_resolve, reject) => {
          options?.signal?.addEventListener('abort', () => reject(new Error('stopped')));
        }),
    });
    const abort = new AbortController();
    const failure = failureAfter(clock, 0, driver.destroy({ instance: { uuid } }, { signal: abort.signal }));
    await turn();
    abort.abort(new ComputeError('SESSION_LOST', {}));
    expect(await failure).toMatchObject({ code: 'OUTCOME_UNKNOWN', effect: 'unknown' });
  });

  /** The host is initialised before it is lost. */
  function initialized(fence: Fence): Fence {
    let asked = 0;
    return { pass: async (signal) => (asked++ === 0 ? undefined : await fence.pass(signal)) };
  }
});

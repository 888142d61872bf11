import { setImmediate as turn } from 'node:timers/promises';
import { ComputeError, silentLog } from '@virtkit/core';
import type { ComputeDriver } from '@virtkit/core/driver';
import type { ComputeStore } from '@virtkit/core/store';
import { VirtualClock } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { guardDriver } from '../src/guard/guarded-driver.js';
import { guardProvider } from '../src/guard/guarded-provider.js';
import { guardStore } from '../src/guard/guarded-store.js';
import { hideCause } from '../src/driver/operator-facts.js';
import { operatorFailuresOf } from '../src/recorders/operator-failure.js';
import { tenantFailureOf } from '../src/recorders/tenant-failure.js';
import { anyHostWords, hostileFailures, seenOf } from './support/hostile-failures.js';

const uuid = '11111111-2222-4333-8444-555555555555';
const clock = new VirtualClock();
const guard = { clock, log: silentLog };

/** A call of each port, whose other side fails as it likes. */
const ports: Readonly<Record<string, (failure: unknown) => Promise<unknown>>> = {
  async driver(failure) {
    const fails = (): Promise<never> => Promise.reject(failure);
    const naive = { capabilities: { pause: true }, initHost: () => Promise.resolve(), pause: fails, unpause: fails };
    const driver = guardDriver(naive as unknown as ComputeDriver, { name: 'hostile', ...guard });
    await driver.initHost({});
    return driver.with('pause').pause({ instance: { uuid } });
  },
  async 'volume provider'(failure) {
    const fence = { epoch: 1, pass: () => Promise.resolve() };
    const volumes = { connect: () => Promise.reject(failure) };
    return guardProvider(volumes as { connect(...args: unknown[]): Promise<unknown> }, {
      ...guard,
      name: 'volumes',
      host: 'host-1',
      fence,
    }).connect('volume-1', { instanceUuid: uuid });
  },
  async store(failure) {
    const store = { getInstance: () => Promise.reject(failure) } as unknown as ComputeStore;
    return guardStore(store, guard).getInstance(uuid);
  },
};

async function failureOf(port: string, failure: unknown): Promise<unknown> {
  const ended = Promise.resolve(ports[port]?.(failure)).then(
    () => expect.fail('it has answered'),
    (reason: unknown) => reason,
  );
  // A store that fails with what nobody knows is asked again.
  for (let nth = 0; nth < 3; nth++) {
    await turn();
    await clock.advance(500);
  }
  return ended;
}

describe.each(Object.keys(ports))('a %s that puts its words into what it throws', (port) => {
  it.each(hostileFailures)('shows a tenant none of them: %s', async (_what, make) => {
    const failure = await failureOf(port, make());
    expect(failure).toBeInstanceOf(ComputeError);
    // Recorded, as every failure is, and then it leaves through the door.
    const told = operatorFailuresOf(failure);
    const tenants = JSON.stringify(tenantFailureOf(failure));
    hideCause(failure);
    const seen = `${seenOf(failure)}\n${tenants}`;
    expect(seen).not.toMatch(anyHostWords);
    expect(seen.length).toBeLessThan(100_000);
    expect(JSON.stringify(told).length).toBeLessThan(200_000);
  });

  it('is believed when it says what the table knows, and its error is the same object', async () => {
    const error = new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid: uuid }, { effect: 'none' });
    expect(await failureOf(port, error)).toBe(error);
  });

  it('cannot change its words afterwards', async () => {
    const details = { instanceUuid: uuid, reason: 'disk' as const };
    const failure = await failureOf(port, new ComputeError('GUEST_START_FAILED', details));
    expect(() => Object.assign(details, { reason: '/srv/secret' })).toThrow(TypeError);
    expect(tenantFailureOf(failure).message).not.toMatch(anyHostWords);
  });
});

describe('what a driver says of an ability that it lacks', () => {
  it.each([
    ['an embedder’s words', 'the customer next door has filled rack seven', 'the driver of this host cannot do it'],
    ['words of the table', 'this guest cannot do it', 'this guest cannot do it'],
    ['a name of a prototype', 'toString', 'the driver of this host cannot do it'],
  ])('is read by tenants when the table has it: %s', (_what, unsupportedBecause, reason) => {
    const naive = { capabilities: { pause: { unsupportedBecause } } } as unknown as ComputeDriver;
    const driver = guardDriver(naive, { name: 'hostile', ...guard });
    expect(() => driver.with('pause')).toThrow(`pause is not supported here: ${reason}.`);
  });
});

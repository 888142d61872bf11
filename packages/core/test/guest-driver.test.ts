import { silentLog } from '@virtkit/core';
import type { ComputeDriver, GuestInspection, LifecycleTransition } from '@virtkit/core/driver';
import { VirtualClock } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { guardDriver } from '../src/guard/guarded-driver.js';
import { guestCalls } from '../src/guard/guest-call-table.js';
import { guestDriver, type GuestDriver } from '../src/guard/guest-driver.js';
import { KnownGenerations } from '../src/guard/known-generations.js';

const uuid = '11111111-2222-4333-8444-555555555555';
const mine = { uuid, generation: 'generation-1' };

interface Guarded {
  readonly driver: GuestDriver;
  readonly known: KnownGenerations;
  readonly calls: readonly string[];
  readonly requests: readonly unknown[];
}

const console = { address: '127.0.0.1', port: 5900 };
const migrationData = { driver: 'naive', disks: 'shared', address: 'host-2', facts: {} };

/** Answers of the shapes that the contract says, of those methods that answer with something. */
const answers: Readonly<Record<string, unknown>> = {
  instanceOnDisk: 'present',
  getConsoleOutput: new Uint8Array(),
  getVncConsole: console,
  getSpiceConsole: console,
  getSerialConsole: console,
  getMksConsole: console,
  getDiagnostics: { powerState: 'RUNNING', memory: {}, vcpus: [], disks: [], networkInterfaces: [] },
  blockStats: { readRequests: 0n, readBytes: 0n, writeRequests: 0n, writeBytes: 0n, errors: 0n },
  migrateDiskAndPowerOff: { driver: 'naive', disks: [] },
  checkCanLiveMigrateDestination: migrationData,
  checkCanLiveMigrateSource: migrationData,
  preLiveMigration: migrationData,
};

/** A driver that can do everything, succeeds at once, and notes what it is asked. */
async function guarded(found: Partial<GuestInspection>, busy: readonly string[] = []): Promise<Guarded> {
  const calls: string[] = [];
  const requests: unknown[] = [];
  const inspection = { guest: 'present', powerState: 'RUNNING', savedMemory: 'absent', belongings: [], ...found };
  const naive = new Proxy({} as ComputeDriver, {
    get: (_, key) => {
      if (key === 'capabilities') return new Proxy({}, { get: () => true });
      return (request: unknown) => {
        if (key !== 'initHost') {
          calls.push(String(key));
          requests.push(request);
        }
        if (key === 'destroy')
          calls.push(`of ${(request as { instance: { generation: string } }).instance.generation}`);
        return Promise.resolve(key === 'inspect' ? inspection : answers[String(key)]);
      };
    },
  });
  const inner = guardDriver(naive, { name: 'naive', clock: new VirtualClock(), log: silentLog });
  const known = new KnownGenerations((instanceUuid) => busy.includes(instanceUuid));
  await inner.initHost({});
  return { driver: guestDriver(inner, known, 'host-1'), known, calls, requests };
}

type AnyCall = (request: { readonly instance: unknown }) => Promise<unknown>;
const methods = Object.entries(guestCalls).filter(
  ([, { ofAnother }]) => ofAnother !== 'host' && ofAnother !== 'driver',
);
const callOf = (driver: GuestDriver, method: string): AnyCall =>
  (driver as unknown as Record<string, AnyCall>)[method] as AnyCall;

describe('a driver that compares generations', () => {
  it.each(methods)('does not ask for %s of another guest of the uuid', async (method, { ofAnother }) => {
    const { driver, calls } = await guarded({ generation: 'generation-2' });
    const outcome = await callOf(
      driver,
      method,
    )({ instance: mine }).then(
      () => 'success',
      ({ code, effect }: { code: string; effect: string }) => `${code} ${effect}`,
    );
    const expected = { success: 'success', taken: 'INSTANCE_EXISTS none', missing: 'INSTANCE_NOT_FOUND none' };
    expect(outcome).toBe(expected[ofAnother as keyof typeof expected]);
    expect(calls).toEqual(['inspect']);
  });

  it.each(methods.filter(([method]) => method !== 'getInfo'))(
    'asks for %s of the guest that is meant, and once whether it is',
    async (method) => {
      const { driver, calls } = await guarded({ generation: 'generation-1' });
      await callOf(driver, method)({ instance: mine });
      expect(calls).toEqual(['inspect', method]);
    },
  );

  it.each([
    ['a guest from before generations', { guest: 'present' }],
    ['what is left of another generation', { guest: 'absent', generation: 'generation-2', belongings: ['disk'] }],
    ['what is left from before generations', { guest: 'absent', generation: null, belongings: ['disk'] }],
  ] as const)('takes %s for another’s', async (_, found) => {
    const { driver, calls } = await guarded(found);
    await expect(driver.with('reboot').reboot({ instance: mine as never, type: 'HARD' })).rejects.toMatchObject({
      code: 'INSTANCE_EXISTS',
    });
    expect(calls).toEqual(['inspect']);
  });

  it('names the generation of the record to destroy', async () => {
    const { driver, calls } = await guarded({ generation: 'generation-2' });
    await driver.destroy({ instance: mine });
    await driver.destroy({ instance: { uuid } });
    expect(calls).toEqual(['destroy', 'of generation-1', 'destroy', 'of null']);
  });

  it('gives the driver the name of a guest and nothing else of its record', async () => {
    const { driver, requests } = await guarded({ generation: 'generation-1' });
    const record = { ...mine, taskOwner: 'action-1', displayName: 'web-1' };
    await driver.with('power').powerOff({ instance: record, gracePeriodMs: 5 });
    expect(requests).toEqual([{ instanceUuid: uuid }, { instance: mine, gracePeriodMs: 5 }]);
  });

  it.each<readonly [LifecycleTransition, 'asks' | 'does not ask', readonly string[]]>([
    ['stopped', 'asks', []],
    ['crashed', 'asks', []],
    ['started', 'asks', []],
    ['migration-completed', 'asks', []],
    ['paused', 'does not ask', []],
    ['resumed', 'does not ask', []],
    ['stopped', 'does not ask', [uuid]],
  ])('after the event %s %s again, with these busy: %j', async (transition, again, busy) => {
    const { driver, known, calls } = await guarded({ generation: 'generation-1' }, busy);
    await driver.with('pause').pause({ instance: mine });
    known.handle({ type: 'lifecycle', instanceUuid: uuid, transition, occurredAtMs: 0 });
    await driver.with('pause').pause({ instance: mine });
    expect(calls.slice(2)).toEqual(again === 'asks' ? ['inspect', 'pause'] : ['pause']);
  });

  it('asks again when the driver may have missed events', async () => {
    const { driver, known, calls } = await guarded({ generation: 'generation-1' });
    await driver.with('pause').pause({ instance: mine });
    known.handle({ type: 'resync', occurredAtMs: 0 });
    await driver.with('pause').pause({ instance: mine });
    expect(calls).toEqual(['inspect', 'pause', 'inspect', 'pause']);
  });
});

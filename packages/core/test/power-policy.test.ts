import type { HostLifeConfiguration, PowerStateDeviation, PowerStateReaction } from '@virtkit/core';
import { specOf } from '../src/model/instance.js';
import { describe, expect, it } from 'vitest';
import { builtInstance } from './support/built-instance.js';
import { admin, fakeCompute, quietLife, tenant, type FakeCompute } from './support/fake-compute.js';
import { outsider, type Outsider } from './support/outsider.js';

/** What a guest does by itself, or somebody beside the manager does to it. */
interface Deed {
  /** The vm state of its instance before. */
  readonly of: 'active' | 'stopped';
  readonly act: (fake: FakeCompute, uuid: string) => Promise<void> | void;
}

const deeds = {
  'stops by itself': { of: 'active', act: ({ hypervisor }, uuid) => hypervisor.stopGuest(uuid) },
  crashes: { of: 'active', act: ({ hypervisor }, uuid) => hypervisor.crashGuest(uuid) },
  'is paused from outside': {
    of: 'active',
    act: async (fake, uuid) => {
      const instance = await fake.store.getInstance(uuid);
      await beside(fake, (driver) => driver.pause({ instance }));
    },
  },
  'is started from outside': {
    of: 'stopped',
    act: async (fake, uuid) => {
      const spec = specOf(await fake.store.getInstance(uuid));
      await beside(fake, (driver) => driver.powerOn({ instance: spec }));
    },
  },
} as const satisfies Record<string, Deed>;

async function beside(fake: FakeCompute, act: (driver: Outsider) => Promise<unknown>): Promise<void> {
  const driver = await outsider(fake);
  await fake.settled(act(driver));
  await driver.cleanupHost({});
}

/** Has the deed done under a policy, and time for everything that comes of it. Nothing is looked at but what the driver tells of. */
async function afterwards(deed: keyof typeof deeds, powerStatePolicy: HostLifeConfiguration['powerStatePolicy'] & {}) {
  const fake = await fakeCompute({ hostLife: { ...quietLife, powerStatePolicy } });
  const { uuid } = await builtInstance(fake);
  const { of, act } = deeds[deed];
  if (of === 'stopped') await fake.settled((await fake.settled(fake.compute.api.stop(tenant, uuid))).finished);
  const told: PowerStateDeviation[] = [];
  fake.compute.events.on('power-state.deviated', (deviation) => told.push(deviation));
  const before = (await fake.store.listActions(uuid)).length;
  await act(fake, uuid);
  await fake.clock.advance(60_000);
  const { vmState, taskState } = await fake.store.getInstance(uuid);
  const actions = await fake.store.listActions(uuid);
  const query = { afterSequence: 0, instanceUuid: uuid, countMax: 100 };
  const notices = await fake.compute.operator.listNotifications(admin, query);
  const alerts = notices.filter(({ eventType }) => eventType === 'instance.power_state.unexpected').length;
  const guest = fake.hypervisor.look(uuid).guest?.state;
  await fake.settled(fake.compute.close());
  const begun = actions.slice(0, actions.length - before).map(({ operation, state }) => `${operation} ${state}`);
  const users = [...new Set(actions.slice(0, actions.length - before).map(({ userId }) => userId))];
  return { vmState, taskState, guest, begun, users, alerts, told: told.map(({ reaction }) => reaction) };
}

type Afterwards = readonly [deed: keyof typeof deeds, vmState: string, guest: string, begun: readonly string[]];

const byPolicy: Readonly<Record<PowerStateReaction, readonly Afterwards[]>> = {
  adopt: [
    ['stops by itself', 'stopped', 'shut-off', []],
    ['crashes', 'stopped', 'crashed', []],
    ['is paused from outside', 'paused', 'paused', []],
    ['is started from outside', 'active', 'running', []],
  ],
  enforce: [
    ['stops by itself', 'active', 'running', ['start succeeded']],
    ['crashes', 'active', 'running', ['start succeeded']],
    ['is paused from outside', 'active', 'running', ['unpause succeeded']],
    ['is started from outside', 'stopped', 'shut-off', ['stop succeeded']],
  ],
  alert: [
    ['stops by itself', 'active', 'shut-off', []],
    ['crashes', 'active', 'crashed', []],
    ['is paused from outside', 'active', 'paused', []],
    ['is started from outside', 'stopped', 'running', []],
  ],
};

describe.each(['adopt', 'enforce', 'alert'] as const)('under the policy %s', (policy) => {
  it.each(byPolicy[policy])('a guest that %s', async (deed, vmState, guest, begun) => {
    const alerts = policy === 'alert' ? 1 : 0;
    // What a policy does no user of the project has asked for.
    const users = begun.length > 0 ? ['compute-service'] : [];
    const expected = { vmState, taskState: null, guest, begun, users, alerts, told: [policy] };
    expect(await afterwards(deed, policy)).toEqual(expected);
  });
});

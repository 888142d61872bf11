import type { ComputeStore, InstanceAction } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { tenant } from './support/fake-compute.js';
import { volumeIds } from './support/memory-providers.js';
import type { Happened } from './support/promises/happened.js';
import { brokenOf } from './support/promises/promise-list.js';
import { foreignError } from './support/promises.js';
import { ended, instanceUuid, runningInstance } from './support/running-instance.js';

type Fake = Awaited<ReturnType<typeof runningInstance>>;

const notHere = {
  'what was acknowledged is kept, and nothing of a tenant is lost': 'nobody dies here',
  'the instance is in one place': 'there is one host',
};

/** A store whose answers to some questions are others. */
function storeWith(store: ComputeStore, answers: Partial<ComputeStore>): ComputeStore {
  return new Proxy(store, {
    get: (target, key) => {
      const method: unknown = Reflect.get(answers, key) ?? Reflect.get(target, key);
      return typeof method === 'function' ? (method.bind(target) as unknown) : method;
    },
  });
}

/** What a failed pause looks like to the list, when everything is as promised. */
async function failedPause(fake: Fake): Promise<{ happened: Happened; action: InstanceAction }> {
  fake.hypervisor.faults.add({ at: 'pauseCpus', fault: { type: 'throw', error: foreignError() } });
  const { uuid } = await ended(fake, fake.compute.api.pause(tenant, instanceUuid));
  const { store, hypervisor, networks, volumes, logLines } = fake;
  const happened: Happened = {
    ...{ store, instanceUuid, actionUuid: uuid, hypervisor, logLines },
    providers: { networks, volumes },
    planted: 'canaries',
    lostWrites: 'none',
  };
  return { happened, action: await store.getAction(uuid) };
}

/** What is spoilt, and what the list says of it. */
const spoilt: readonly (readonly [what: string, spoil: (happened: Happened) => Partial<Happened>, said: RegExp])[] = [
  [
    'a tenant reads a host’s words',
    () => ({ readable: () => Promise.resolve(foreignError().message) }),
    /a tenant reads/,
  ],
  [
    'an operator cannot find them',
    ({ store }) => ({ logLines: [], store: storeWith(store, { listFaults: async () => [] }) }),
    /the operator cannot find the words/,
  ],
  [
    'a task state is left',
    ({ store }) => ({
      store: storeWith(store, {
        getInstance: async (uuid) => ({ ...(await store.getInstance(uuid)), taskState: 'pausing' }),
      }),
    }),
    /task state/,
  ],
  [
    'an action never ended',
    ({ store }) => ({
      store: storeWith(store, {
        listActions: async (uuid) =>
          (await store.listActions(uuid)).map((each) => ({ ...each, state: 'running', finishedAtMs: null })),
      }),
    }),
    /pause/,
  ],
  [
    'an end is not told',
    ({ store }) => ({
      store: storeWith(store, {
        listNotifications: async (query) =>
          (await store.listNotifications(query)).filter(({ eventType }) => !eventType.endsWith('.error')),
      }),
    }),
    /0 errors are told/,
  ],
  [
    'an exception is told twice',
    ({ store }) => ({
      store: storeWith(store, {
        listNotifications: async (query) =>
          (await store.listNotifications(query)).flatMap((each) =>
            each.eventType === 'compute.exception' ? [each, each] : [each],
          ),
      }),
    }),
    /2 exceptions are told/,
  ],
  [
    'a fault is missing',
    ({ store }) => ({ planted: 'nothing', store: storeWith(store, { listFaults: async () => [] }) }),
    /faults are told/,
  ],
  [
    'a step is open',
    ({ store }) => ({
      store: storeWith(store, {
        listEvents: async (uuid) => (await store.listEvents(uuid)).map((each) => ({ ...each, finishedAtMs: null })),
      }),
    }),
    /is left open/,
  ],
  [
    'the record says something else than the guest is',
    ({ store }) => ({
      store: storeWith(store, {
        getInstance: async (uuid) => ({ ...(await store.getInstance(uuid)), vmState: 'paused' }),
      }),
    }),
    /the vm state is paused while the guest is running/,
  ],
  [
    'the record names a volume that its provider does not hold for it',
    ({ store }) => ({
      store: storeWith(store, {
        getInstance: async (uuid) => ({
          ...(await store.getInstance(uuid)),
          blockDevices: [{ id: volumeIds[0], source: null, bus: 'virtio', device: 'disk' }],
        }),
      }),
    }),
    /the volume provider has none/,
  ],
];

describe('the list of promises', () => {
  it('is kept by a pause that fails', async () => {
    await using fake = await runningInstance();
    const { happened, action } = await failedPause(fake);
    expect(action.state).toBe('failed');
    expect(await brokenOf(happened, notHere)).toEqual([]);
  });

  it.each(spoilt)('notices that %s', async (_what, spoil, said) => {
    await using fake = await runningInstance();
    const { happened } = await failedPause(fake);
    const broken = await brokenOf({ ...happened, ...spoil(happened) }, notHere);
    expect(broken.join('\n')).toMatch(said);
  });

  it('needs a reason for what it cannot look at', async () => {
    await using fake = await runningInstance();
    const { happened } = await failedPause(fake);
    const { hypervisor: _hypervisor, ...blind } = happened;
    expect((await brokenOf(blind, {})).join('\n')).toMatch(/"the record says what the guest is" is not looked at/);
  });
});

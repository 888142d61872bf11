import assert from 'node:assert/strict';
import type { ComputeStore } from '@virtkit/core/store';
import { sampleRecords } from '../sample-records.js';
import type { StoreRule } from '../store-rule.js';
import { everyWrite } from './every-write.js';
import { outcomesOf, refusal } from './expect-store.js';

const session = { host: 'node-1', holder: 'first', epoch: 1, leaseUntilMs: 0 };
const request = { host: 'node-1', holder: 'first', leaseMs: 1_000, takeOver: 'when-expired' } as const;

/** Every call there is but `close`. */
const everyCall: {
  readonly [Method in Exclude<keyof ComputeStore, 'close'>]: (store: ComputeStore) => Promise<unknown>;
} = {
  commit: (store) => store.commit([]),
  openSession: (store) => store.openSession(request),
  renewSession: (store) => store.renewSession(session, 1_000),
  closeSession: (store) => store.closeSession(session),
  getSession: (store) => store.getSession('node-1'),
  getHost: (store) => store.getHost('node-1'),
  listHosts: (store) => store.listHosts(),
  getInstance: (store) => store.getInstance('i'),
  listInstances: (store) => store.listInstances({}),
  getAction: (store) => store.getAction('a'),
  findAction: (store) => store.findAction({ projectId: 'p', idempotencyKey: 'k' }),
  listActions: (store) => store.listActions('i'),
  listUnfinishedActions: (store) => store.listUnfinishedActions('node-1'),
  listEvents: (store) => store.listEvents('a'),
  listFaults: (store) => store.listFaults('i'),
  listNotifications: (store) => store.listNotifications({ afterSequence: 0, countMax: 1 }),
  getMigration: (store) => store.getMigration('m'),
  listMigrations: (store) => store.listMigrations({}),
  findConsoleToken: (store) => store.findConsoleToken('t'),
  listDamaged: (store) => store.listDamaged('node-1'),
};

const afterCloseRules = Object.entries(everyCall).map(([method, call]): StoreRule => ({
  name: `${method} of a closed store rejects with STORE_UNAVAILABLE`,
  async prove({ store }) {
    await store.close();
    await refusal(call(store), 'STORE_UNAVAILABLE');
  },
}));

const manyUnits = () => Array.from({ length: 100 }, () => everyWrite());

export const closeRules: readonly StoreRule[] = [
  ...afterCloseRules,
  {
    name: 'close may be called again and again, also while it closes',
    async prove({ store }) {
      await Promise.all([store.close(), store.close()]);
      await store.close();
    },
  },
  {
    name: 'close waits for what is being committed',
    async prove({ store }) {
      let settledCount = 0;
      const units = manyUnits().map(({ writes }) => store.commit(writes));
      const counted = units.map((unit) => unit.finally(() => (settledCount += 1)));
      await store.close();
      assert.equal(settledCount, units.length, 'close resolved before the commits that were called before it.');
      const { failures } = await outcomesOf(counted);
      assert.deepEqual(failures, [], 'A commit that was called before close was refused.');
    },
  },
];

async function everythingGoesOn(store: ComputeStore): Promise<void> {
  const again = sampleRecords.action({ idempotencyKey: 'once' });
  await refusal(store.commit([{ write: 'create-action', action: again }]), 'IDEMPOTENCY_CONFLICT');
  const second = sampleRecords.action({ instanceUuid: 'busy' });
  const start = { write: 'update-action', uuid: second.uuid, patch: { state: 'running' }, guard: {} } as const;
  await refusal(store.commit([{ write: 'create-action', action: second }, start]), 'UNEXPECTED_ACTION_STATE');
  const next = sampleRecords.notification({ instanceUuid: 'busy' });
  await store.commit([{ write: 'append-notification', notification: next }]);
  const told = await store.listNotifications({ afterSequence: 0, countMax: 10, instanceUuid: 'busy' });
  assert.deepEqual(
    told.map(({ instanceSequence }) => instanceSequence),
    [1, 2],
  );
  assert.ok((told[0]?.sequence ?? 0) < (told[1]?.sequence ?? 0), 'The sequence began anew.');
  const { epoch } = await store.openSession({ ...request, takeOver: 'at-once' });
  assert.equal(epoch, 3, 'Epochs began anew.');
}

const ways = [
  { how: 'was closed', troubles: ['reopen'], restart: 'reopen' },
  { how: 'died', troubles: ['kill', 'reopen'], restart: 'killAndReopen' },
] as const;

/** What a durable store keeps. */
export const durabilityRules: readonly StoreRule[] = ways.flatMap(
  ({ how, troubles, restart }): readonly StoreRule[] => [
    {
      name: `everything that was committed is there when the store ${how} and is opened again`,
      troubles,
      async prove(bench) {
        const units = manyUnits();
        await Promise.all(units.map(({ writes }) => bench.commit(...writes)));
        await bench[restart]();
        for (const unit of units) await unit.allAreIn(bench.store);
      },
    },
    {
      name: `keys, epochs, sequences and what runs go on where they were when the store ${how} and is opened again`,
      troubles,
      async prove(bench) {
        await bench.store.openSession(request);
        await bench.store.openSession(request);
        await bench.commit(
          { write: 'create-action', action: sampleRecords.action({ idempotencyKey: 'once' }) },
          { write: 'create-action', action: sampleRecords.action({ instanceUuid: 'busy', state: 'running' }) },
          { write: 'append-notification', notification: sampleRecords.notification({ instanceUuid: 'busy' }) },
        );
        await bench[restart]();
        await everythingGoesOn(bench.store);
      },
    },
    {
      name: `a unit that was under way is there as a whole or not at all when the store ${how} and is opened again`,
      troubles,
      async prove(bench) {
        const units = manyUnits();
        const outcomes = outcomesOf(units.map(({ writes }) => bench.commit(...writes)));
        const acknowledged = new Set<string>();
        await bench[restart]();
        for (const committed of (await outcomes).values) for (const uuid of committed.keys()) acknowledged.add(uuid);
        for (const unit of units) {
          const present = (
            await bench.store.listNotifications({
              afterSequence: 0,
              countMax: 1,
              instanceUuid: unit.instanceUuid,
            })
          ).length;
          if (present > 0 || acknowledged.has(unit.instanceUuid)) await unit.allAreIn(bench.store);
          else await unit.noneIsIn(bench.store);
        }
      },
    },
  ],
);

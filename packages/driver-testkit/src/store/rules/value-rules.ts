import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { ComputeStore, Instance, StoreWrite } from '@virtkit/core/store';
import { arbitraryRecords } from '../arbitrary-records.js';
import { sampleRecords } from '../sample-records.js';
import type { StoreRule } from '../store-rule.js';
import { everyWrite } from './every-write.js';
import { notificationsIn } from './expect-store.js';

/** Enough to meet every kind of character and of number; more costs seconds on a real disk. */
const RUN_COUNT = 60;

interface RoundTrip<Value> {
  readonly records: string;
  readonly arbitrary: fc.Arbitrary<Value>;
  readonly write: (record: Value) => StoreWrite;
  readonly read: (store: ComputeStore, record: Value) => Promise<unknown>;
}

function roundTrip<Value>({ records, arbitrary, write, read }: RoundTrip<Value>): StoreRule {
  return {
    name: `${records} are read as they were written: every character, number, null and missing field`,
    async prove({ store, commit }) {
      const property = fc.asyncProperty(arbitrary, async (record) => {
        await commit(write(record));
        assert.deepEqual(await read(store, record), record);
      });
      await fc.assert(property, { numRuns: RUN_COUNT });
    },
  };
}

export const valueRules: readonly StoreRule[] = [
  roundTrip({
    records: 'instances',
    arbitrary: arbitraryRecords.instance,
    write: (instance) => ({ write: 'create-instance', instance }),
    read: (store, { uuid }) => store.getInstance(uuid),
  }),
  roundTrip({
    records: 'actions',
    arbitrary: arbitraryRecords.action,
    write: (action) => ({ write: 'create-action', action }),
    read: (store, { uuid }) => store.getAction(uuid),
  }),
  roundTrip({
    records: 'events',
    arbitrary: arbitraryRecords.event,
    write: (event) => ({ write: 'put-event', event }),
    read: async (store, { actionUuid }) => (await store.listEvents(actionUuid))[0],
  }),
  roundTrip({
    records: 'faults',
    arbitrary: arbitraryRecords.fault,
    write: (fault) => ({ write: 'put-fault', fault }),
    read: async (store, { instanceUuid }) => (await store.listFaults(instanceUuid))[0],
  }),
  roundTrip({
    records: 'migrations',
    arbitrary: arbitraryRecords.migration,
    write: (migration) => ({ write: 'put-migration', migration }),
    read: (store, { uuid }) => store.getMigration(uuid),
  }),
  roundTrip({
    records: 'hosts',
    arbitrary: arbitraryRecords.host,
    write: (host) => ({ write: 'put-host', host }),
    read: (store, { host }) => store.getHost(host),
  }),
  roundTrip({
    records: 'console tokens',
    arbitrary: arbitraryRecords.consoleToken,
    write: (token) => ({ write: 'put-console-token', token }),
    read: (store, { tokenHash }) => store.findConsoleToken(tokenHash),
  }),
  roundTrip({
    records: 'notifications',
    arbitrary: arbitraryRecords.notification,
    write: (notification) => ({ write: 'append-notification', notification }),
    async read(store, { instanceUuid }) {
      const [notification] = await notificationsIn(store, instanceUuid ?? '');
      const { sequence: _, instanceSequence: __, ...rest } = notification ?? { sequence: 0, instanceSequence: 0 };
      return rest;
    },
  }),
  {
    name: 'a patch is read as it was written, and leaves the rest as it was',
    async prove({ store, commit }) {
      const property = fc.asyncProperty(arbitraryRecords.instance, arbitraryRecords.instance, async (before, other) => {
        const { host, vmState, taskState, taskOwner, lockedReason, flavor, networkInterfaces } = other;
        const patch = { host, vmState, taskState, taskOwner, lockedReason, flavor, networkInterfaces };
        const uuid = globalThis.crypto.randomUUID();
        const writes = [
          { write: 'create-instance', instance: { ...before, uuid, revision: 1 } },
          { write: 'update-instance', uuid, patch, guard: {} },
        ] as const;
        const committed = await commit(...writes);
        const { vmStateSinceMs: _, updatedAtMs: __, ...after } = await store.getInstance(uuid);
        const { vmStateSinceMs: ___, updatedAtMs: ____, ...expected } = { ...before, ...patch, uuid, revision: 2 };
        assert.deepEqual(after, expected);
        assert.deepEqual(committed.get(uuid), await store.getInstance(uuid));
      });
      await fc.assert(property, { numRuns: RUN_COUNT });
    },
  },
  {
    name: 'what a store answers is frozen',
    async prove({ store, commit }) {
      const unit = everyWrite();
      const committed = await commit(...unit.writes);
      const session = await store.openSession({ host: 'node-1', holder: 'a', leaseMs: 1, takeOver: 'when-expired' });
      const { instanceUuid } = unit;
      const actions = await store.listActions(instanceUuid);
      const actionUuid = actions[0]?.uuid ?? '';
      const answers: readonly (readonly unknown[])[] = [
        [...committed.values()],
        [await store.getInstance(instanceUuid)],
        await store.listInstances({}),
        actions,
        [await store.getAction(actionUuid)],
        await store.listUnfinishedActions('node-1'),
        await store.listEvents(actionUuid),
        await store.listFaults(instanceUuid),
        await store.listMigrations({}),
        await notificationsIn(store),
        [session, (await store.getSession('node-1'))?.session],
      ];
      for (const records of answers) {
        assert.ok(records.length > 0);
        for (const record of records)
          assert.ok(Object.isFrozen(record), `This is not frozen: ${JSON.stringify(record)}`);
      }
    },
  },
  {
    name: 'an instance that was read earlier does not change when its record does',
    async prove({ store, commit }) {
      const instance = sampleRecords.instance();
      const { uuid } = instance;
      await commit({ write: 'create-instance', instance });
      const read: Instance = await store.getInstance(uuid);
      await commit({ write: 'update-instance', uuid, patch: { vmState: 'error' }, guard: {} });
      assert.deepEqual(read, instance);
    },
  },
];

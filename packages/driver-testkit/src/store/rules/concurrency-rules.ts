import assert from 'node:assert/strict';
import { sampleRecords } from '../sample-records.js';
import type { StoreRule } from '../store-rule.js';
import { notificationsIn, outcomesOf } from './expect-store.js';

const CALL_COUNT = 300;
const calls = <Value>(call: (index: number) => Value): readonly Value[] =>
  Array.from({ length: CALL_COUNT }, (_, index) => call(index));

export const concurrencyRules: readonly StoreRule[] = [
  {
    name: 'hundreds of units at once all take effect, each as a whole',
    async prove({ store, commit }) {
      const instance = sampleRecords.instance();
      const { uuid } = instance;
      await commit({ write: 'create-instance', instance });
      const revisions = await Promise.all(
        calls(async () => {
          const committed = await commit(
            { write: 'update-instance', uuid, patch: { powerState: 'RUNNING' }, guard: {} },
            { write: 'append-notification', notification: sampleRecords.notification({ instanceUuid: uuid }) },
            { write: 'append-notification', notification: sampleRecords.notification({ instanceUuid: null }) },
          );
          return committed.get(uuid)?.revision ?? 0;
        }),
      );
      const expected = calls((index) => instance.revision + 1 + index);
      assert.deepEqual(
        [...revisions].sort((a, b) => a - b),
        expected,
        'Two units answered with the same revision.',
      );
      assert.equal((await store.getInstance(uuid)).revision, instance.revision + CALL_COUNT);
      const own = await notificationsIn(store, uuid);
      assert.deepEqual(
        own.map((each) => each.instanceSequence),
        calls((index) => index + 1),
      );
      assert.equal((await notificationsIn(store)).length, 2 * CALL_COUNT);
    },
  },
  {
    name: 'of many who want an instance at once, exactly one gets it',
    async prove({ store, commit }) {
      const instance = sampleRecords.instance({ vmState: 'active' });
      const { uuid } = instance;
      await commit({ write: 'create-instance', instance });
      const guard = { taskState: [null] };
      const { values, failures } = await outcomesOf(
        calls((index) => {
          const patch = { taskState: 'rebooting', taskOwner: `action-${index}` } as const;
          return commit({ write: 'update-instance', uuid, patch, guard });
        }),
      );
      assert.equal(values.length, 1);
      assert.deepEqual([...new Set(failures.map(({ code }) => code))], ['UNEXPECTED_TASK_STATE']);
      assert.deepEqual(values[0]?.get(uuid), await store.getInstance(uuid));
    },
  },
  {
    name: 'of many requests with one idempotency key at once, exactly one is accepted',
    async prove({ store, commit }) {
      const { values, failures } = await outcomesOf(
        calls(() => commit({ write: 'create-action', action: sampleRecords.action({ idempotencyKey: 'once' }) })),
      );
      assert.equal(values.length, 1);
      assert.deepEqual([...new Set(failures.map(({ code }) => code))], ['IDEMPOTENCY_CONFLICT']);
      assert.equal((await store.listUnfinishedActions('node-1')).length, 1);
    },
  },
  {
    name: 'of many actions of an instance that want to run at once, exactly one does',
    async prove({ store, commit }) {
      const actions = calls(() => sampleRecords.action({ instanceUuid: 'one' }));
      await commit(...actions.map((action) => ({ write: 'create-action', action }) as const));
      const guard = { state: ['queued'] } as const;
      const { values, failures } = await outcomesOf(
        actions.map(({ uuid }) => commit({ write: 'update-action', uuid, patch: { state: 'running' }, guard })),
      );
      assert.equal(values.length, 1);
      assert.deepEqual([...new Set(failures.map(({ code }) => code))], ['UNEXPECTED_ACTION_STATE']);
      assert.equal((await store.listActions('one')).filter(({ state }) => state === 'running').length, 1);
    },
  },
  {
    name: 'a reader who asks after a commit has resolved sees it, while others commit',
    async prove({ store, commit }) {
      await Promise.all(
        calls(async (index) => {
          const instance = sampleRecords.instance({ host: `node-${index}` });
          const { uuid } = instance;
          await commit({ write: 'create-instance', instance });
          const created = store.getInstance(uuid);
          const listed = store.listInstances({ host: `node-${index}` });
          assert.deepEqual([await created, await listed], [instance, [instance]]);
          const action = sampleRecords.action({ instanceUuid: uuid, host: `node-${index}` });
          await commit({ write: 'create-action', action });
          assert.deepEqual(await store.listUnfinishedActions(`node-${index}`), [action]);
        }),
      );
    },
  },
  {
    name: 'a reader sees all of a unit or nothing, while others commit',
    async prove({ store, commit }) {
      const instance = sampleRecords.instance();
      const { uuid } = instance;
      await commit({ write: 'create-instance', instance });
      const writing = calls(() =>
        commit(
          { write: 'update-instance', uuid, patch: {}, guard: {} },
          { write: 'append-notification', notification: sampleRecords.notification({ instanceUuid: uuid }) },
        ),
      );
      const reading = calls(async () => {
        const before = (await store.getInstance(uuid)).revision - instance.revision;
        const count = (await notificationsIn(store, uuid)).length;
        const after = (await store.getInstance(uuid)).revision - instance.revision;
        assert.ok(before <= count && count <= after, `${count} notifications between revision ${before} and ${after}.`);
      });
      await Promise.all([...writing, ...reading]);
    },
  },
];

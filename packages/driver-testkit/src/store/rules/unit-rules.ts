import assert from 'node:assert/strict';
import { sampleRecords } from '../sample-records.js';
import type { StoreRule } from '../store-rule.js';
import { everyWrite } from './every-write.js';
import { notificationsIn, refusal } from './expect-store.js';

export const unitRules: readonly StoreRule[] = [
  {
    name: 'a unit makes all of its changes, and every record is read as it was written',
    async prove({ store, commit }) {
      const unit = everyWrite();
      await unit.noneIsIn(store);
      await commit(...unit.writes);
      await unit.allAreIn(store);
    },
  },
  {
    name: 'a unit answers with the instances it changed, as they are now, and with no others',
    async prove({ store, commit }) {
      const [created, changed, untouched] = [
        sampleRecords.instance(),
        sampleRecords.instance(),
        sampleRecords.instance(),
      ];
      await commit({ write: 'create-instance', instance: changed }, { write: 'create-instance', instance: untouched });
      const committed = await commit(
        { write: 'create-instance', instance: created },
        { write: 'update-instance', uuid: changed.uuid, patch: { vmState: 'active' }, guard: {} },
        { write: 'append-notification', notification: sampleRecords.notification({ instanceUuid: untouched.uuid }) },
      );
      assert.deepEqual([...committed.keys()].sort(), [created.uuid, changed.uuid].sort());
      for (const [uuid, instance] of committed) assert.deepEqual(await store.getInstance(uuid), instance);
      assert.equal(committed.get(changed.uuid)?.vmState, 'active');
    },
  },
  {
    name: 'an empty unit changes nothing',
    async prove({ store, commit }) {
      assert.equal((await commit()).size, 0);
      assert.deepEqual(await store.listInstances({}), []);
    },
  },
  {
    name: 'a later change of a unit sees the earlier ones',
    async prove({ store, commit }) {
      const instance = sampleRecords.instance();
      const { uuid } = instance;
      const action = sampleRecords.action({ instanceUuid: uuid });
      await commit(
        { write: 'create-instance', instance },
        { write: 'update-instance', uuid, patch: { vmState: 'active' }, guard: { vmState: ['building'] } },
        { write: 'update-instance', uuid, patch: { vmState: 'stopped' }, guard: { vmState: ['active'] } },
        { write: 'create-action', action },
        { write: 'update-action', uuid: action.uuid, patch: { state: 'running' }, guard: { state: ['queued'] } },
        { write: 'update-action', uuid: action.uuid, patch: { state: 'failed' }, guard: { state: ['running'] } },
      );
      const { vmState, revision } = await store.getInstance(uuid);
      assert.deepEqual({ vmState, revision }, { vmState: 'stopped', revision: instance.revision + 2 });
      assert.equal((await store.getAction(action.uuid)).state, 'failed');
    },
  },
  {
    name: 'a condition that held at the beginning of a unit and no longer does where it stands refuses the unit',
    async prove({ store, commit }) {
      const instance = sampleRecords.instance({ vmState: 'active' });
      const { uuid } = instance;
      await commit({ write: 'create-instance', instance });
      const guard = { vmState: ['active'] } as const;
      const unit = commit(
        { write: 'update-instance', uuid, patch: { vmState: 'stopped' }, guard },
        { write: 'update-instance', uuid, patch: { vmState: 'paused' }, guard },
      );
      await refusal(unit, 'INSTANCE_INVALID_STATE');
      assert.deepEqual(await store.getInstance(uuid), instance);
    },
  },
  {
    name: 'an update changes what its patch names, counts the revision, and moves vmStateSinceMs only with the vm state',
    async prove(bench) {
      const instance = sampleRecords.instance({ vmState: 'active', lockedReason: 'ours' });
      const { uuid } = instance;
      await bench.commit({ write: 'create-instance', instance });
      bench.advance(1_000);
      const patch = { taskState: 'rebooting', taskOwner: 'action-1', vmState: 'active' } as const;
      await bench.commit({ write: 'update-instance', uuid, patch, guard: {} });
      const rebooting = { ...instance, ...patch, revision: instance.revision + 1, updatedAtMs: bench.nowMs };
      assert.deepEqual(await bench.store.getInstance(uuid), rebooting);
      bench.advance(1_000);
      await bench.commit({ write: 'update-instance', uuid, patch: { vmState: 'error' }, guard: {} });
      assert.deepEqual(await bench.store.getInstance(uuid), {
        ...rebooting,
        vmState: 'error',
        revision: instance.revision + 2,
        updatedAtMs: bench.nowMs,
        vmStateSinceMs: bench.nowMs,
      });
    },
  },
  {
    name: 'a patch can put null where something was, and something where null was',
    async prove({ store, commit }) {
      const instance = sampleRecords.instance({ taskState: 'deleting', taskOwner: 'a', host: null });
      const { uuid } = instance;
      const action = sampleRecords.action({ epoch: 3, startedAtMs: 7 });
      await commit({ write: 'create-instance', instance }, { write: 'create-action', action });
      const patch = { taskState: null, taskOwner: null, host: 'node-2', launchedAtMs: 0 };
      await commit(
        { write: 'update-instance', uuid, patch, guard: {} },
        {
          write: 'update-action',
          uuid: action.uuid,
          patch: { epoch: null, startedAtMs: null, finishedAtMs: 0 },
          guard: {},
        },
      );
      assert.deepEqual({ ...(await store.getInstance(uuid)), ...patch }, await store.getInstance(uuid));
      assert.deepEqual(await store.getAction(action.uuid), {
        ...action,
        epoch: null,
        startedAtMs: null,
        finishedAtMs: 0,
      });
      assert.deepEqual(
        (await store.listInstances({ host: 'node-2' })).map((each) => each.taskState),
        [null],
      );
    },
  },
  {
    name: 'a unit repeated whose conditions still hold changes nothing more: puts replace, creations and appends are left out',
    async prove({ store, commit }) {
      const unit = everyWrite();
      await commit(...unit.writes);
      const [creation, ...others] = unit.writes;
      assert.equal(creation?.write, 'create-instance');
      const before = await notificationsIn(store);
      await commit(...others);
      await unit.allAreIn(store);
      assert.deepEqual(await notificationsIn(store), before);
    },
  },
  {
    name: 'an action that is created again stays as it has become since',
    async prove({ store, commit }) {
      const action = sampleRecords.action({ idempotencyKey: 'once' });
      await commit({ write: 'create-action', action });
      await commit({ write: 'update-action', uuid: action.uuid, patch: { state: 'cancelled' }, guard: {} });
      await commit({ write: 'create-action', action });
      assert.deepEqual(await store.listActions(action.instanceUuid), [{ ...action, state: 'cancelled' }]);
    },
  },
];

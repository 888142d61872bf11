import assert from 'node:assert/strict';
import { sampleRecords } from '../sample-records.js';
import type { StoreRule } from '../store-rule.js';

export const guardRules: readonly StoreRule[] = [
  {
    name: 'a guard that says nothing lets every change through',
    async prove({ store, commit }) {
      const instance = sampleRecords.instance({ vmState: 'error', taskState: 'deleting', taskOwner: 'a', host: null });
      const action = sampleRecords.action({ state: 'unknown', epoch: 7 });
      await commit(
        { write: 'create-instance', instance },
        { write: 'create-action', action },
        { write: 'update-instance', uuid: instance.uuid, patch: { powerState: 'CRASHED' }, guard: {} },
        { write: 'update-action', uuid: action.uuid, patch: { state: 'failed' }, guard: {} },
      );
      assert.equal((await store.getInstance(instance.uuid)).powerState, 'CRASHED');
      assert.equal((await store.getAction(action.uuid)).state, 'failed');
    },
  },
  {
    name: 'a guard of an instance lets a change through when each of its conditions holds',
    async prove({ store, commit }) {
      const busy = { vmState: 'active', taskState: 'rebooting', taskOwner: 'action-1', host: 'node-1' } as const;
      const instance = sampleRecords.instance(busy);
      const { uuid } = instance;
      await commit({ write: 'create-instance', instance });
      const guard = {
        taskState: [null, 'rebooting', 'deleting'],
        taskOwner: 'action-1',
        vmState: ['stopped', 'active'],
        host: 'node-1',
      } as const;
      await commit({ write: 'update-instance', uuid, patch: { taskState: null, taskOwner: null }, guard });
      assert.equal((await store.getInstance(uuid)).taskState, null);
    },
  },
  {
    name: 'null in a guard of an instance stands for idle, for nobody and for no host',
    async prove({ store, commit }) {
      const instance = sampleRecords.instance({ taskState: null, taskOwner: null, host: null });
      const { uuid } = instance;
      const guard = { taskState: [null], taskOwner: null, host: null };
      await commit({ write: 'create-instance', instance });
      await commit({ write: 'update-instance', uuid, patch: { host: 'node-2' }, guard });
      assert.equal((await store.getInstance(uuid)).host, 'node-2');
    },
  },
  {
    name: 'a guard of an action lets a change through when its state and its epoch hold',
    async prove({ store, commit }) {
      const claimed = sampleRecords.action({ state: 'running', epoch: 4 });
      const unclaimed = sampleRecords.action();
      const finished = { state: 'succeeded', result: { imageId: 'i-1' } } as const;
      await commit({ write: 'create-action', action: claimed }, { write: 'create-action', action: unclaimed });
      await commit(
        { write: 'update-action', uuid: claimed.uuid, patch: finished, guard: { state: ['running'], epoch: 4 } },
        { write: 'update-action', uuid: unclaimed.uuid, patch: { epoch: 4 }, guard: { epoch: null } },
      );
      assert.deepEqual(await store.getAction(claimed.uuid), { ...claimed, ...finished });
      assert.equal((await store.getAction(unclaimed.uuid)).epoch, 4);
    },
  },
];

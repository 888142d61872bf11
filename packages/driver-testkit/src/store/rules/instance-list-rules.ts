import assert from 'node:assert/strict';
import { vmStates, type Instance, type InstanceQuery } from '@virtkit/core/store';
import { sampleRecords } from '../sample-records.js';
import type { StoreBench } from '../store-bench.js';
import type { StoreRule } from '../store-rule.js';
import { uuidsOf } from './expect-store.js';

/** An instance of every kind that a query tells apart. */
async function fleet({ commit }: StoreBench): Promise<readonly Instance[]> {
  const instances = ['node-1', 'node-2', null].flatMap((host) =>
    ['acme', 'umbrella'].flatMap((projectId) =>
      vmStates.flatMap((vmState) =>
        ([null, 'deleting'] as const).map((taskState) =>
          sampleRecords.instance({ host, projectId, vmState, taskState, taskOwner: taskState && 'action-1' }),
        ),
      ),
    ),
  );
  await commit(...instances.map((instance) => ({ write: 'create-instance', instance }) as const));
  return instances.sort((a, b) => (a.uuid < b.uuid ? -1 : 1));
}

function expectedOf(instances: readonly Instance[], query: InstanceQuery): readonly string[] {
  const { host, projectId, vmState, taskState } = query;
  return uuidsOf(
    instances.filter(
      (instance) =>
        (host === undefined || instance.host === host) &&
        (projectId === undefined || instance.projectId === projectId) &&
        (vmState ? vmState.includes(instance.vmState) : instance.vmState !== 'deleted') &&
        (taskState === undefined || instance.taskState !== null),
    ),
  );
}

export const instanceListRules: readonly StoreRule[] = [
  {
    name: 'listInstances finds what still has something to give back, deleted ones when they are named, until it has nothing any more',
    async prove({ store, commit }) {
      const pendingRelease = [{ kind: 'image', imageId: 'image-1', sinceMs: 1 }] as const;
      const born = sampleRecords.instance({ pendingRelease });
      const later = sampleRecords.instance({ vmState: 'deleted' });
      const never = sampleRecords.instance({ pendingRelease: [] });
      for (const instance of [born, later, never]) await commit({ write: 'create-instance', instance });
      const found = async (): Promise<readonly string[]> =>
        uuidsOf(await store.listInstances({ pendingRelease: 'some', vmState: vmStates })).toSorted();
      assert.deepEqual(await found(), [born.uuid]);
      await commit({ write: 'update-instance', uuid: later.uuid, patch: { pendingRelease }, guard: {} });
      assert.deepEqual(await found(), [born.uuid, later.uuid].sort());
      assert.deepEqual(uuidsOf(await store.listInstances({ pendingRelease: 'some' })), [born.uuid]);
      await commit({ write: 'update-instance', uuid: born.uuid, patch: { pendingRelease: [] }, guard: {} });
      assert.deepEqual(await found(), [later.uuid]);
    },
  },
  {
    name: 'listInstances lists every instance in the order of uuids, without the deleted ones',
    async prove(bench) {
      const instances = await fleet(bench);
      const listed = await bench.store.listInstances({});
      assert.deepEqual(
        listed,
        instances.filter(({ vmState }) => vmState !== 'deleted'),
      );
    },
  },
  {
    name: 'listInstances keeps to host, project, vm states and task state, and to all of them together',
    async prove(bench) {
      const instances = await fleet(bench);
      const hosts = [{}, { host: 'node-1' }, { host: 'node-9' }];
      const projects = [{}, { projectId: 'umbrella' }];
      const states = [
        {},
        { vmState: ['deleted'] },
        { vmState: ['active', 'error', 'deleted'] },
        { vmState: ['stopped'] },
      ];
      const tasks = [{}, { taskState: 'set' }];
      for (const host of hosts)
        for (const project of projects)
          for (const state of states)
            for (const task of tasks) {
              const query = { ...host, ...project, ...state, ...task } as InstanceQuery;
              const listed = uuidsOf(await bench.store.listInstances(query));
              assert.deepEqual(listed, expectedOf(instances, query), JSON.stringify(query));
            }
    },
  },
  {
    name: 'listInstances of no vm state lists none',
    async prove(bench) {
      await fleet(bench);
      assert.deepEqual(await bench.store.listInstances({ vmState: [] }), []);
    },
  },
  {
    name: 'read page by page, listInstances gives every instance once',
    async prove(bench) {
      const instances = await fleet(bench);
      for (const filter of [{}, { host: 'node-1' }, { projectId: 'acme', vmState: ['active', 'deleted'] }] as const) {
        const read: string[] = [];
        for (;;) {
          const afterUuid = read.at(-1);
          const page = { ...filter, countMax: 7, ...(afterUuid === undefined ? {} : { afterUuid }) };
          const listed = uuidsOf(await bench.store.listInstances(page));
          assert.ok(listed.length <= 7, `A page of 7 has ${listed.length}.`);
          read.push(...listed);
          assert.ok(read.length <= instances.length, 'The pages do not end.');
          if (listed.length < 7) break;
        }
        assert.deepEqual(read, expectedOf(instances, filter));
      }
    },
  },
  {
    name: 'listInstances finds an instance by what it is now, not by what it was',
    async prove({ store, commit }) {
      const instance = sampleRecords.instance({ vmState: 'active', taskState: 'rebooting', taskOwner: 'a' });
      const { uuid } = instance;
      await commit({ write: 'create-instance', instance });
      const patch = { host: 'node-2', vmState: 'stopped', taskState: null, taskOwner: null } as const;
      await commit({ write: 'update-instance', uuid, patch, guard: {} });
      assert.deepEqual(await store.listInstances({ host: 'node-1' }), []);
      assert.deepEqual(await store.listInstances({ vmState: ['active'] }), []);
      assert.deepEqual(await store.listInstances({ taskState: 'set' }), []);
      assert.deepEqual(uuidsOf(await store.listInstances({ host: 'node-2', vmState: ['stopped'] })), [uuid]);
      await commit({ write: 'update-instance', uuid, patch: { vmState: 'deleted' }, guard: {} });
      assert.deepEqual(await store.listInstances({ host: 'node-2' }), []);
      assert.equal((await store.getInstance(uuid)).vmState, 'deleted');
    },
  },
];

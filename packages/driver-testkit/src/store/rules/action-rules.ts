import assert from 'node:assert/strict';
import type { InstanceAction } from '@virtkit/core/store';
import { sampleRecords } from '../sample-records.js';
import type { StoreRule } from '../store-rule.js';
import { refusal, uuidsOf } from './expect-store.js';

const start = (uuid: string) =>
  ({ write: 'update-action', uuid, patch: { state: 'running' }, guard: { state: ['queued'] } }) as const;
const end = (uuid: string) =>
  ({ write: 'update-action', uuid, patch: { state: 'succeeded' }, guard: { state: ['running'] } }) as const;

export const actionRules: readonly StoreRule[] = [
  {
    name: 'the steps of an action are kept as they were written, and only while it runs under its epoch',
    async prove({ store, commit }) {
      const action = sampleRecords.action({ state: 'running', epoch: 3 });
      await commit({ write: 'create-action', action });
      const first = { step: 'make-image', imageId: action.uuid, kind: 'snapshot' } as const;
      const second = { step: 'give-volume-back', volumeId: 'volume-1' } as const;
      const write = (steps: InstanceAction['steps'] & object, epoch: number) =>
        ({
          write: 'update-action',
          uuid: action.uuid,
          patch: { steps },
          guard: { state: ['running'], epoch },
        }) as const;
      await commit(write([first], 3));
      await commit(write([first, second], 3));
      await refusal(commit(write([], 4)), 'UNEXPECTED_ACTION_STATE');
      assert.deepEqual((await store.getAction(action.uuid)).steps, [first, second]);
      await commit(end(action.uuid));
      await refusal(commit(write([], 3)), 'UNEXPECTED_ACTION_STATE');
      assert.deepEqual((await store.getAction(action.uuid)).steps, [first, second]);
    },
  },
  {
    name: 'an action may run once the one before it has ended, in the same unit too',
    async prove({ store, commit }) {
      const first = sampleRecords.action();
      const [second, third] = [sampleRecords.action(first), sampleRecords.action(first)].map((action) => ({
        ...action,
        uuid: globalThis.crypto.randomUUID(),
      })) as [typeof first, typeof first];
      for (const action of [first, second, third]) await commit({ write: 'create-action', action });
      await commit(start(first.uuid));
      await commit(end(first.uuid));
      await commit(start(second.uuid));
      await commit(end(second.uuid), start(third.uuid));
      const states = (await store.listActions(first.instanceUuid)).map(({ state }) => state);
      assert.deepEqual(states, ['running', 'succeeded', 'succeeded']);
    },
  },
  {
    name: 'two actions of one instance cannot begin to run in one unit',
    async prove({ store, commit }) {
      const first = sampleRecords.action();
      const second = sampleRecords.action({ instanceUuid: first.instanceUuid });
      await commit({ write: 'create-action', action: first }, { write: 'create-action', action: second });
      await refusal(commit(start(first.uuid), start(second.uuid)), 'UNEXPECTED_ACTION_STATE');
      const states = (await store.listActions(first.instanceUuid)).map(({ state }) => state);
      assert.deepEqual(states, ['queued', 'queued']);
    },
  },
  {
    name: 'actions of different instances run side by side, and one that runs may be changed',
    async prove({ store, commit }) {
      const [first, second] = [sampleRecords.action(), sampleRecords.action()];
      await commit({ write: 'create-action', action: first }, { write: 'create-action', action: second });
      await commit(start(first.uuid), start(second.uuid));
      const progress = { phase: 'rebooting', doneMib: 1, totalMib: 2, atMs: 3 };
      await commit({ write: 'update-action', uuid: first.uuid, patch: { state: 'running', progress }, guard: {} });
      assert.deepEqual((await store.getAction(first.uuid)).progress, progress);
      assert.equal((await store.getAction(second.uuid)).state, 'running');
    },
  },
  {
    name: 'listActions lists the actions of one instance, newest first',
    async prove({ store, commit }) {
      const first = sampleRecords.action({ acceptedAtMs: 3 });
      const second = sampleRecords.action({ instanceUuid: first.instanceUuid, acceptedAtMs: 2 });
      const third = sampleRecords.action({ instanceUuid: first.instanceUuid, acceptedAtMs: 1 });
      await commit(
        { write: 'create-action', action: first },
        { write: 'create-action', action: sampleRecords.action() },
      );
      await commit({ write: 'create-action', action: second }, { write: 'create-action', action: third });
      await commit(start(first.uuid));
      const listed = await store.listActions(first.instanceUuid);
      assert.deepEqual(uuidsOf(listed), uuidsOf([third, second, first]));
      assert.deepEqual(await store.listActions('nobody'), []);
    },
  },
  {
    name: 'listUnfinishedActions lists what is queued or running for a host, urgent ones first, then as they were accepted',
    async prove({ store, commit }) {
      const queued = sampleRecords.action();
      const running = sampleRecords.action();
      const urgent = sampleRecords.action({ priority: 'urgent' });
      const late = sampleRecords.action();
      const lateUrgent = sampleRecords.action({ priority: 'urgent' });
      const ended = sampleRecords.action({ priority: 'urgent' });
      const elsewhere = sampleRecords.action({ host: 'node-2' });
      for (const action of [queued, ended, running, urgent, elsewhere, late, lateUrgent]) {
        await commit({ write: 'create-action', action });
      }
      await commit(start(running.uuid), start(ended.uuid));
      await commit(end(ended.uuid));
      const expected = uuidsOf([urgent, lateUrgent, queued, running, late]);
      assert.deepEqual(uuidsOf(await store.listUnfinishedActions('node-1')), expected);
      assert.deepEqual(uuidsOf(await store.listUnfinishedActions('node-2')), [elsewhere.uuid]);
      assert.deepEqual(await store.listUnfinishedActions('node-3'), []);
    },
  },
  {
    name: 'every way to end takes an action from the unfinished ones, and another host takes it to its own',
    async prove({ store, commit }) {
      const ends = ['succeeded', 'failed', 'cancelled', 'unknown'] as const;
      for (const state of ends) {
        const action = sampleRecords.action();
        await commit({ write: 'create-action', action });
        await commit({ write: 'update-action', uuid: action.uuid, patch: { state }, guard: {} });
      }
      const moved = sampleRecords.action();
      await commit({ write: 'create-action', action: moved });
      await commit({ write: 'update-action', uuid: moved.uuid, patch: { host: 'node-2' }, guard: {} });
      assert.deepEqual(await store.listUnfinishedActions('node-1'), []);
      assert.deepEqual(await store.listUnfinishedActions('node-2'), [{ ...moved, host: 'node-2' }]);
    },
  },
  {
    name: 'an idempotency key names one action of its project, and none of another',
    async prove({ store, commit }) {
      const action = sampleRecords.action({ projectId: 'acme', idempotencyKey: 'k' });
      const other = sampleRecords.action({ projectId: 'umbrella', idempotencyKey: 'k' });
      await commit({ write: 'create-action', action }, { write: 'create-action', action: other });
      assert.deepEqual(await store.findAction({ projectId: 'acme', idempotencyKey: 'k' }), action);
      assert.deepEqual(await store.findAction({ projectId: 'umbrella', idempotencyKey: 'k' }), other);
      assert.equal(await store.findAction({ projectId: 'acme', idempotencyKey: 'K' }), undefined);
      assert.equal(await store.findAction({ projectId: 'initech', idempotencyKey: 'k' }), undefined);
    },
  },
  {
    name: 'an idempotency key stays taken when its action has ended, and actions without one never conflict',
    async prove({ store, commit }) {
      const action = sampleRecords.action({ idempotencyKey: '' });
      await commit({ write: 'create-action', action });
      await commit({ write: 'update-action', uuid: action.uuid, patch: { state: 'failed' }, guard: {} });
      const again = sampleRecords.action({ idempotencyKey: '' });
      await refusal(commit({ write: 'create-action', action: again }), 'IDEMPOTENCY_CONFLICT');
      const keyless = [sampleRecords.action(), sampleRecords.action()];
      for (const each of keyless) await commit({ write: 'create-action', action: each });
      const found = await store.findAction({ projectId: action.projectId, idempotencyKey: '' });
      assert.equal(found?.uuid, action.uuid);
    },
  },
  {
    name: 'idempotency keys are told apart to the last character, whatever characters they have',
    async prove({ store, commit }) {
      const keys = [
        'a',
        'a ',
        'A',
        'a\0',
        'a\0b',
        'ä',
        'a\u0308',
        '\ud800',
        '\ud801',
        '%',
        '%00',
        '\u{1f600}',
        "a'--",
        '1',
        '1.0',
      ];
      const actions = keys.map((idempotencyKey) => sampleRecords.action({ idempotencyKey }));
      for (const action of actions) await commit({ write: 'create-action', action });
      for (const action of actions) {
        const { projectId, idempotencyKey } = action;
        assert.deepEqual(await store.findAction({ projectId, idempotencyKey: idempotencyKey ?? '' }), action);
      }
    },
  },
];

import assert from 'node:assert/strict';
import type { ComputeStore, StoreWrite } from '@virtkit/core/store';
import type { StoreRule } from '../store-rule.js';
import { everyWrite } from './every-write.js';
import { refusal } from './expect-store.js';

/** What no key, host or query can be. The object claims to be a text, which must not help it. */
const noTexts = [
  42,
  NaN,
  undefined,
  null,
  true,
  7n,
  [],
  ['a'],
  {},
  Symbol('a'),
  { toString: () => 'a' },
  'x'.repeat(100_000),
];
const noWholes = [-1, 0.5, NaN, Infinity, '1', null, 2 ** 53, []];
const noObjects = [undefined, null, 42, 'host', []];

type Call = (store: ComputeStore, value: never) => Promise<unknown>;

interface Parameter {
  readonly name: string;
  readonly wrong: readonly unknown[];
  readonly call: Call;
}

const session = { host: 'node-1', holder: 'first', epoch: 1, leaseUntilMs: 0 };
const request = { host: 'node-1', holder: 'first', leaseMs: 1_000, takeOver: 'when-expired' } as const;

const parameters: readonly Parameter[] = [
  { name: 'the uuid of getInstance', wrong: noTexts, call: (store, uuid) => store.getInstance(uuid) },
  { name: 'the uuid of getAction', wrong: noTexts, call: (store, uuid) => store.getAction(uuid) },
  { name: 'the uuid of getMigration', wrong: noTexts, call: (store, uuid) => store.getMigration(uuid) },
  { name: 'the instance of listActions', wrong: noTexts, call: (store, uuid) => store.listActions(uuid) },
  { name: 'the instance of listFaults', wrong: noTexts, call: (store, uuid) => store.listFaults(uuid) },
  { name: 'the action of listEvents', wrong: noTexts, call: (store, uuid) => store.listEvents(uuid) },
  {
    name: 'the host of listUnfinishedActions',
    wrong: noTexts,
    call: (store, host) => store.listUnfinishedActions(host),
  },
  { name: 'the host of getSession', wrong: noTexts, call: (store, host) => store.getSession(host) },
  { name: 'the host of getHost', wrong: noTexts, call: (store, host) => store.getHost(host) },
  { name: 'the token of findConsoleToken', wrong: noTexts, call: (store, hash) => store.findConsoleToken(hash) },
  { name: 'the host of listDamaged', wrong: noTexts, call: (store, host) => store.listDamaged(host) },
  {
    name: 'the key of findAction',
    wrong: [...noObjects, {}, { projectId: 'p' }, { projectId: 'p', idempotencyKey: 7 }],
    call: (store, key) => store.findAction(key),
  },
  {
    name: 'the query of listInstances',
    wrong: [...noObjects, { host: 7 }, { vmState: 'active' }, { vmState: [7] }, { taskState: 'none' }, { hosts: 'a' }],
    call: (store, query) => store.listInstances(query),
  },
  {
    name: 'the count of listInstances',
    wrong: noWholes,
    call: (store, countMax) => store.listInstances({ countMax }),
  },
  {
    name: 'the query of listMigrations',
    wrong: [...noObjects, { host: [] }, { status: 'done' }, { instanceUuid: 1 }, { state: [] }],
    call: (store, query) => store.listMigrations(query),
  },
  {
    name: 'the sequence of listNotifications',
    wrong: noWholes,
    call: (store, afterSequence) => store.listNotifications({ afterSequence, countMax: 1 }),
  },
  {
    name: 'the count of listNotifications',
    wrong: [...noWholes, undefined],
    call: (store, countMax) => store.listNotifications({ afterSequence: 0, countMax }),
  },
  {
    name: 'the request of openSession',
    wrong: [...noObjects, { ...request, host: 7 }, { ...request, takeOver: 'now' }, { ...request, leaseMs: NaN }],
    call: (store, wrong) => store.openSession(wrong),
  },
  {
    name: 'the session of renewSession',
    wrong: [...noObjects, { ...session, epoch: '1' }, { ...session, host: null }],
    call: (store, wrong) => store.renewSession(wrong, 1_000),
  },
  {
    name: 'the lease of renewSession',
    wrong: [-1, NaN, Infinity, '1', undefined],
    call: (store, leaseMs) => store.renewSession(session, leaseMs),
  },
  {
    name: 'the session of closeSession',
    wrong: [...noObjects, { ...session, epoch: 0.5 }],
    call: (store, wrong) => store.closeSession(wrong),
  },
  { name: 'the list of writes', wrong: [undefined, null, 7, 'all', {}], call: (store, writes) => store.commit(writes) },
];

const unknownWrites: readonly unknown[] = [
  ...noObjects,
  {},
  { write: 'drop-instance', uuid: 'a' },
  { write: 'constructor' },
  { write: 'create-instance' },
  { write: 'update-instance', uuid: 7, patch: {}, guard: {} },
  { write: 'update-instance', uuid: 'a', patch: {} },
  { write: 'update-action', uuid: 'a', patch: null, guard: {} },
  { write: 'update-action', uuid: 'a', patch: {}, guard: { state: 'queued' } },
  { write: 'require-session', host: 'node-1', epoch: '1' },
  { write: 'require-no-session', host: 'node-1' },
  { write: 'put-event', event: { id: 'a', actionUuid: 7 } },
];

export const argumentRules: readonly StoreRule[] = [
  ...parameters.map(({ name, wrong, call }): StoreRule => ({
    name: `${name} is checked: anything else is INVALID_INPUT, and the store goes on`,
    async prove({ store }) {
      for (const value of wrong) {
        const { effect } = await refusal(call(store, value as never), 'INVALID_INPUT');
        assert.equal(effect, 'none');
      }
      assert.deepEqual(await store.listInstances({}), []);
    },
  })),
  {
    name: 'a unit with a write that is none is INVALID_INPUT and leaves nothing',
    async prove({ store, commit }) {
      const unit = everyWrite();
      for (const write of unknownWrites) {
        await refusal(commit(...unit.writes, write as StoreWrite), 'INVALID_INPUT');
        await unit.noneIsIn(store);
      }
      await commit(...unit.writes);
      await unit.allAreIn(store);
    },
  },
];

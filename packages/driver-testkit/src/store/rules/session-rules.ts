import assert from 'node:assert/strict';
import { sampleRecords } from '../sample-records.js';
import type { StoreRule } from '../store-rule.js';
import { outcomesOf, refusal } from './expect-store.js';

const request = { host: 'node-1', holder: 'first', leaseMs: 1_000, takeOver: 'when-expired' } as const;

export const sessionRules: readonly StoreRule[] = [
  {
    name: 'a session begins with epoch 1 and lasts for its lease, by the clock of the store',
    async prove(bench) {
      const { store, nowMs } = bench;
      assert.equal(await store.getSession('node-1'), undefined);
      const session = await store.openSession(request);
      assert.deepEqual(session, { host: 'node-1', holder: 'first', epoch: 1, leaseUntilMs: nowMs + 1_000 });
      bench.advance(999);
      assert.deepEqual(await store.getSession('node-1'), { session, lease: 'lasting' });
      bench.advance(1);
      assert.deepEqual(await store.getSession('node-1'), { session, lease: 'expired' });
    },
  },
  {
    name: 'another holder gets HOST_TAKEN while a lease lasts, and how long it still does',
    async prove(bench) {
      const session = await bench.store.openSession(request);
      bench.advance(400);
      const failure = await refusal(bench.store.openSession({ ...request, holder: 'second' }), 'HOST_TAKEN');
      assert.deepEqual(failure.details, { retryAfterMs: 600 });
      assert.deepEqual((await bench.store.getSession('node-1'))?.session, session);
    },
  },
  {
    name: 'an expired host is taken with a higher epoch',
    async prove(bench) {
      await bench.store.openSession(request);
      bench.advance(1_000);
      const session = await bench.store.openSession({ ...request, holder: 'second' });
      assert.deepEqual({ holder: session.holder, epoch: session.epoch }, { holder: 'second', epoch: 2 });
    },
  },
  {
    name: 'who knows that nobody else looks after a host takes it over at once, and so does the same holder',
    async prove({ store }) {
      await store.openSession(request);
      const again = await store.openSession(request);
      const other = await store.openSession({ ...request, holder: 'second', takeOver: 'at-once' });
      assert.deepEqual([again.epoch, other.epoch], [2, 3]);
    },
  },
  {
    name: 'epochs rise with every session of a host, also after it was closed, and are counted for each host by itself',
    async prove(bench) {
      const epochs: number[] = [];
      for (const holder of ['first', 'second', 'third']) {
        const session = await bench.store.openSession({ ...request, holder });
        epochs.push(session.epoch);
        await bench.store.closeSession(session);
      }
      assert.deepEqual(epochs, [1, 2, 3]);
      assert.equal((await bench.store.openSession({ ...request, host: 'node-2' })).epoch, 1);
    },
  },
  {
    name: 'a session gets an epoch that is no lower than the one asked for, and higher than every one before',
    async prove({ store }) {
      const epochs: number[] = [];
      for (const epochMin of [1_700_000_000_000, 5, 1_700_000_000_001, 1_800_000_000_000]) {
        epochs.push((await store.openSession({ ...request, epochMin })).epoch);
      }
      assert.deepEqual(epochs, [1_700_000_000_000, 1_700_000_000_001, 1_700_000_000_002, 1_800_000_000_000]);
    },
  },
  {
    name: 'a renewal lengthens the lease from now and keeps the epoch',
    async prove(bench) {
      const session = await bench.store.openSession(request);
      bench.advance(600);
      const renewed = await bench.store.renewSession(session, 2_000);
      assert.deepEqual(renewed, { ...session, leaseUntilMs: bench.nowMs + 2_000 });
      bench.advance(1_999);
      assert.deepEqual(await bench.store.getSession('node-1'), { session: renewed, lease: 'lasting' });
    },
  },
  {
    name: 'an expired session that nobody took over is renewed',
    async prove(bench) {
      const session = await bench.store.openSession(request);
      bench.advance(5_000);
      const renewed = await bench.store.renewSession(session, 1_000);
      assert.deepEqual(renewed, { ...session, leaseUntilMs: bench.nowMs + 1_000 });
      await refusal(bench.store.openSession({ ...request, holder: 'second' }), 'HOST_TAKEN');
    },
  },
  {
    name: 'a session that was taken over is not renewed, and its successor does not notice',
    async prove(bench) {
      const session = await bench.store.openSession(request);
      bench.advance(1_000);
      const successor = await bench.store.openSession({ ...request, holder: 'second' });
      await refusal(bench.store.renewSession(session, 9_000), 'SESSION_LOST');
      await refusal(bench.store.renewSession({ ...session, host: 'node-9' }, 9_000), 'SESSION_LOST');
      assert.deepEqual((await bench.store.getSession('node-1'))?.session, successor);
    },
  },
  {
    name: 'closing a session ends its lease, again and again',
    async prove(bench) {
      const session = await bench.store.openSession(request);
      await bench.store.closeSession(session);
      await bench.store.closeSession(session);
      const seen = await bench.store.getSession('node-1');
      assert.deepEqual({ lease: seen?.lease, epoch: seen?.session.epoch }, { lease: 'expired', epoch: 1 });
      await bench.store.openSession({ ...request, holder: 'second' });
    },
  },
  {
    name: 'closing a session that was taken over, or that never was, leaves the others alone',
    async prove({ store }) {
      const session = await store.openSession(request);
      const successor = await store.openSession({ ...request, holder: 'second', takeOver: 'at-once' });
      await store.closeSession(session);
      await store.closeSession({ ...session, host: 'node-9' });
      assert.deepEqual(await store.getSession('node-1'), { session: successor, lease: 'lasting' });
      assert.equal(await store.getSession('node-9'), undefined);
    },
  },
  {
    name: 'a unit of a session that expired is taken, as long as nobody took the host over',
    async prove(bench) {
      const { host, epoch } = await bench.store.openSession(request);
      const instance = sampleRecords.instance();
      bench.advance(60_000);
      await bench.commit({ write: 'require-session', host, epoch }, { write: 'create-instance', instance });
      assert.deepEqual(await bench.store.getInstance(instance.uuid), instance);
    },
  },
  {
    name: 'a unit in the place of a dead host is taken, and of one that never had a manager',
    async prove(bench) {
      const { host, epoch } = await bench.store.openSession(request);
      const [first, second] = [sampleRecords.instance(), sampleRecords.instance()];
      bench.advance(60_000);
      await bench.commit({ write: 'require-no-session', host, epoch }, { write: 'create-instance', instance: first });
      const never = { write: 'require-no-session', host: 'node-9', epoch: null } as const;
      await bench.commit(never, { write: 'create-instance', instance: second });
      assert.deepEqual(await bench.store.getInstance(first.uuid), first);
      assert.deepEqual(await bench.store.getInstance(second.uuid), second);
    },
  },
  {
    name: 'of many who ask for a host at once, exactly one gets it',
    async prove({ store }) {
      const holders = Array.from({ length: 50 }, (_, index) => `holder-${index}`);
      const { values, failures } = await outcomesOf(holders.map((holder) => store.openSession({ ...request, holder })));
      assert.equal(values.length, 1);
      assert.deepEqual([...new Set(failures.map(({ code }) => code))], ['HOST_TAKEN']);
      assert.deepEqual((await store.getSession('node-1'))?.session, values[0]);
    },
  },
];

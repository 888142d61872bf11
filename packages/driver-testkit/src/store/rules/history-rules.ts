import assert from 'node:assert/strict';
import { sampleRecords } from '../sample-records.js';
import type { StoreRule } from '../store-rule.js';
import { refusal, uuidsOf } from './expect-store.js';

/** Events, faults, migrations and console tokens: what is put, and listed in the order in which it was. */
export const historyRules: readonly StoreRule[] = [
  {
    name: 'listEvents lists the steps of one action in the order they started, each as it was put last',
    async prove({ store, commit }) {
      const first = sampleRecords.event();
      const { actionUuid } = first;
      const second = sampleRecords.event({ actionUuid });
      const third = sampleRecords.event({ actionUuid });
      await commit({ write: 'put-event', event: first }, { write: 'put-event', event: sampleRecords.event() });
      await commit({ write: 'put-event', event: second });
      const failure = { code: 'GUEST_START_FAILED', message: 'The guest could not be started.' } as const;
      const ended = { ...first, finishedAtMs: 9, result: 'Error' as const, failure };
      await commit({ write: 'put-event', event: ended }, { write: 'put-event', event: third });
      assert.deepEqual(await store.listEvents(actionUuid), [ended, second, third]);
      assert.deepEqual(await store.listEvents('nobody'), []);
    },
  },
  {
    name: 'listFaults lists every fault of one instance, newest first, each as it was put last',
    async prove({ store, commit }) {
      const first = sampleRecords.fault();
      const { instanceUuid } = first;
      const second = sampleRecords.fault({ instanceUuid, code: 'INTERNAL' });
      await commit({ write: 'put-fault', fault: first }, { write: 'put-fault', fault: sampleRecords.fault() });
      await commit({ write: 'put-fault', fault: second });
      const changed = { ...first, requestId: 'req-9' };
      await commit({ write: 'put-fault', fault: changed });
      assert.deepEqual(await store.listFaults(instanceUuid), [second, changed]);
      assert.deepEqual(await store.listFaults('nobody'), []);
    },
  },
  {
    name: 'a migration is read as it was put last, and one that is not there is MIGRATION_NOT_FOUND',
    async prove({ store, commit }) {
      const migration = sampleRecords.migration();
      await commit({ write: 'put-migration', migration });
      const disks = { driver: 'fake', disks: [{ id: 'vda', format: 'qcow2', virtualSizeMib: 1_024 }] } as const;
      const finished = sampleRecords.migration({ ...migration, status: 'finished', disks });
      await commit({ write: 'put-migration', migration: finished });
      assert.deepEqual(await store.getMigration(migration.uuid), finished);
      await refusal(store.getMigration('nobody'), 'MIGRATION_NOT_FOUND');
    },
  },
  {
    name: 'listMigrations lists newest first, by instance, by either host and by status, and by all of them together',
    async prove({ store, commit }) {
      const first = sampleRecords.migration({ sourceHost: 'node-1', destinationHost: 'node-2', status: 'running' });
      const { instanceUuid } = first;
      const second = sampleRecords.migration({ instanceUuid, sourceHost: 'node-2', destinationHost: 'node-3' });
      const third = sampleRecords.migration({ sourceHost: 'node-1', destinationHost: 'node-1', status: 'failed' });
      for (const migration of [first, second, third]) await commit({ write: 'put-migration', migration });
      const completed = sampleRecords.migration({ ...first, status: 'completed' });
      await commit({ write: 'put-migration', migration: completed });

      assert.deepEqual(await store.listMigrations({}), [third, second, completed]);
      assert.deepEqual(await store.listMigrations({ instanceUuid }), [second, completed]);
      assert.deepEqual(await store.listMigrations({ host: 'node-1' }), [third, completed]);
      assert.deepEqual(await store.listMigrations({ host: 'node-2' }), [second, completed]);
      assert.deepEqual(await store.listMigrations({ status: ['failed', 'accepted'] }), [third, second]);
      assert.deepEqual(await store.listMigrations({ status: ['running'] }), []);
      assert.deepEqual(await store.listMigrations({ status: [] }), []);
      const narrow = { instanceUuid, host: 'node-2', status: ['completed'] } as const;
      assert.deepEqual(uuidsOf(await store.listMigrations(narrow)), [first.uuid]);
    },
  },
  {
    name: 'a console token is found by its hash until it expires, by the clock of the store',
    async prove(bench) {
      const token = sampleRecords.consoleToken({ expiresAtMs: bench.nowMs + 1_000 });
      await bench.commit({ write: 'put-console-token', token });
      bench.advance(999);
      assert.deepEqual(await bench.store.findConsoleToken(token.tokenHash), token);
      assert.equal(await bench.store.findConsoleToken('another'), undefined);
      bench.advance(1);
      assert.equal(await bench.store.findConsoleToken(token.tokenHash), undefined);
    },
  },
  {
    name: 'a console token that is put again lasts as long as the last one, and outlives those that expire beside it',
    async prove(bench) {
      const token = sampleRecords.consoleToken({ expiresAtMs: bench.nowMs + 10 });
      const lasting = { ...token, expiresAtMs: bench.nowMs + 5_000 };
      const brief = sampleRecords.consoleToken({ expiresAtMs: bench.nowMs + 20 });
      await bench.commit({ write: 'put-console-token', token }, { write: 'put-console-token', token: lasting });
      await bench.commit({ write: 'put-console-token', token: brief });
      bench.advance(30);
      await bench.commit({ write: 'put-console-token', token: sampleRecords.consoleToken() });
      assert.deepEqual(await bench.store.findConsoleToken(token.tokenHash), lasting);
      assert.equal(await bench.store.findConsoleToken(brief.tokenHash), undefined);
    },
  },
  {
    name: 'what was put of a host last is what is known of it, by whoever looks after it; of another nothing is',
    async prove({ store, commit }) {
      const host = sampleRecords.host({ mode: 'maintenance' });
      assert.equal(await store.getHost(host.host), undefined);
      await commit({ write: 'put-host', host }, { write: 'put-host', host: sampleRecords.host({ mode: 'disabled' }) });
      assert.deepEqual(await store.getHost(host.host), host);
      const request = { host: host.host, holder: 'first', leaseMs: 1_000, takeOver: 'at-once' } as const;
      await store.closeSession(await store.openSession(request));
      await store.openSession({ ...request, holder: 'second' });
      assert.deepEqual(await store.getHost(host.host), host);
      await commit({ write: 'put-host', host: { ...host, mode: 'enabled' } });
      assert.deepEqual(await store.getHost(host.host), { ...host, mode: 'enabled' });
    },
  },
  {
    name: 'hosts are listed once each, by name, as they were put last',
    async prove({ store, commit }) {
      const first = sampleRecords.host();
      const last = { ...first, host: `${first.host} and more` };
      await commit({ write: 'put-host', host: last }, { write: 'put-host', host: first });
      await commit({ write: 'put-host', host: { ...last, mode: 'maintenance' } });
      const own = (await store.listHosts()).filter(({ host }) => host === first.host || host === last.host);
      assert.deepEqual(own, [first, { ...last, mode: 'maintenance' }]);
    },
  },
];

import assert from 'node:assert/strict';
import { sampleRecords } from '../sample-records.js';
import type { StoreRule } from '../store-rule.js';
import { notificationsIn, refusal } from './expect-store.js';

const append = (fields: Parameters<typeof sampleRecords.notification>[0]) =>
  ({ write: 'append-notification', notification: sampleRecords.notification(fields) }) as const;

export const notificationRules: readonly StoreRule[] = [
  {
    name: 'notifications have rising sequences in the order they were appended, and each instance counts its own from 1',
    async prove({ store, commit }) {
      await commit(append({ instanceUuid: 'a', eventType: '1' }), append({ instanceUuid: 'b', eventType: '2' }));
      await commit(append({ instanceUuid: 'a', eventType: '3' }));
      await commit(append({ instanceUuid: null, eventType: '4' }), append({ instanceUuid: 'a', eventType: '5' }));
      const all = await notificationsIn(store);
      assert.deepEqual(
        all.map(({ eventType, instanceSequence }) => [eventType, instanceSequence]),
        [
          ['1', 1],
          ['2', 1],
          ['3', 2],
          ['4', null],
          ['5', 3],
        ],
      );
      const sequences = all.map(({ sequence }) => sequence);
      assert.ok(sequences.every((sequence) => Number.isSafeInteger(sequence) && sequence >= 1));
      assert.deepEqual(
        sequences,
        [...new Set(sequences)].sort((a, b) => a - b),
      );
    },
  },
  {
    name: 'a notification that is appended again is left out, in the same unit and in another, and no number is lost',
    async prove({ store, commit }) {
      const first = append({ instanceUuid: 'a' });
      await commit(first, first);
      await commit(first, append({ instanceUuid: 'a' }));
      assert.deepEqual(
        (await notificationsIn(store, 'a')).map((each) => each.instanceSequence),
        [1, 2],
      );
    },
  },
  {
    name: 'a refused unit leaves no gap in the numbers of an instance',
    async prove({ store, commit }) {
      await commit(append({ instanceUuid: 'a' }));
      const missing = { write: 'update-action', uuid: 'nobody', patch: {}, guard: {} } as const;
      await refusal(commit(append({ instanceUuid: 'a' }), missing), 'ACTION_NOT_FOUND');
      await commit(append({ instanceUuid: 'a' }));
      assert.deepEqual(
        (await notificationsIn(store, 'a')).map((each) => each.instanceSequence),
        [1, 2],
      );
    },
  },
  {
    name: 'listNotifications reads on from a sequence, for all, for one instance and for one request',
    async prove({ store, commit }) {
      for (let index = 0; index < 30; index += 1) {
        await commit(append({ instanceUuid: `i-${index % 3}`, requestId: `r-${index % 2}`, eventType: String(index) }));
      }
      const all = await notificationsIn(store);
      for (const filter of [
        {},
        { instanceUuid: 'i-1' },
        { requestId: 'r-1' },
        { instanceUuid: 'i-2', requestId: 'r-0' },
      ]) {
        const expected = all.filter(
          (each) =>
            (filter.instanceUuid === undefined || each.instanceUuid === filter.instanceUuid) &&
            (filter.requestId === undefined || each.requestId === filter.requestId),
        );
        const read: (typeof all)[number][] = [];
        for (;;) {
          const afterSequence = read.at(-1)?.sequence ?? 0;
          const page = await store.listNotifications({ ...filter, afterSequence, countMax: 2 });
          assert.ok(page.length <= 2, `A page of 2 has ${page.length}.`);
          if (page.length === 0) break;
          read.push(...page);
          assert.ok(read.length <= all.length, 'The pages do not end.');
        }
        assert.deepEqual(read, expected, JSON.stringify(filter));
      }
      assert.deepEqual(await store.listNotifications({ afterSequence: 0, countMax: 5, instanceUuid: 'nobody' }), []);
    },
  },
];

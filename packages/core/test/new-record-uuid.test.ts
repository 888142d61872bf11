import { afterEach, expect, it, vi } from 'vitest';
import { newRecordUuid } from '../src/model/new-record-uuid.js';

afterEach(() => void vi.useRealTimers());

const uuids = (count: number): readonly string[] => Array.from({ length: count }, newRecordUuid);

it('is a uuid of version 7 that says when it was made', () => {
  const beforeMs = Date.now();
  const [uuid = ''] = uuids(1);
  expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt(uuid.slice(0, 13).replace('-', ''), 16)).toBeGreaterThanOrEqual(beforeMs);
});

it('comes after every earlier one, also of one millisecond and when the clock is set back', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
  const first = uuids(10_000);
  vi.setSystemTime(1_000);
  const all = [...first, ...uuids(10_000)];
  expect(all).toEqual(all.toSorted());
  expect(new Set(all).size).toBe(all.length);
});

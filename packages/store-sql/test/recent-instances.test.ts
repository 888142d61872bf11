import type { CommittedInstances, Instance, StoreWrite } from '@virtkit/core/store';
import { sampleRecords } from '@virtkit/driver-testkit/store';
import { expect, it } from 'vitest';
import { RecentInstances } from '../src/sqlite/recent-instances.js';

const first = sampleRecords.instance();
const second = sampleRecords.instance({ uuid: first.uuid, name: 'web-2' });
const creation: readonly StoreWrite[] = [{ write: 'create-instance', instance: first }];

function committed(...instances: readonly Instance[]): CommittedInstances {
  return new Map(instances.map((instance) => [instance.uuid, instance]));
}

it('an instance is known as its last commit left it', async () => {
  const recent = new RecentInstances();
  expect(recent.find(first.uuid)).toBeUndefined();
  await recent.keep(creation, () => Promise.resolve(committed(first)));
  await recent.keep(creation, () => Promise.resolve(committed(second)));
  expect(recent.find(first.uuid)).toBe(second);
});

it('an instance that a commit under way writes to is not known until all of these have settled', async () => {
  const recent = new RecentInstances();
  const [one, other] = [Promise.withResolvers<CommittedInstances>(), Promise.withResolvers<CommittedInstances>()];
  const kept = [recent.keep(creation, () => one.promise), recent.keep(creation, () => other.promise)];
  one.resolve(committed(first));
  await kept[0];
  expect(recent.find(first.uuid)).toBeUndefined();
  other.resolve(committed(second));
  await kept[1];
  expect(recent.find(first.uuid)).toBe(second);
});

it('of an instance whose commit has failed nothing is known any more', async () => {
  const recent = new RecentInstances();
  await recent.keep(creation, () => Promise.resolve(committed(first)));
  await expect(recent.keep(creation, () => Promise.reject(new Error('in doubt')))).rejects.toThrow('in doubt');
  expect(recent.find(first.uuid)).toBeUndefined();
});

it('the instance that was not written to for the longest time is forgotten when there are too many', async () => {
  const recent = new RecentInstances();
  await recent.keep(creation, () => Promise.resolve(committed(first)));
  const others = Array.from({ length: 1_024 }, () => sampleRecords.instance());
  for (const other of others) await recent.keep([], () => Promise.resolve(committed(other)));
  expect(recent.find(first.uuid)).toBeUndefined();
  expect(recent.find(others[0]?.uuid ?? '')).toBe(others[0]);
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ComputeStore, InstanceAction, StoreWrite } from '@virtkit/core/store';
import { sampleRecords } from '@virtkit/driver-testkit/store';
import { openSqliteStore } from '@virtkit/store-sql';

// `node packages/store-sql/bench/commit-rate.ts [DIRECTORY]`, after a build: how many typical units a second are on disk, one after the
// other and many at once. What the disk itself can do is measured by `npm run bench -- durable`.

const DURATION_MS = 2_000;
const INSTANCE_COUNT = 1_000;
const inFlights = [1, 8, 64, 256] as const;

async function main(directory: string): Promise<void> {
  const home = await mkdtemp(join(directory, 'vk-commit-rate-'));
  try {
    await using store = await openSqliteStore({ path: join(home, 'records.db') });
    const actions = await Promise.all(Array.from({ length: INSTANCE_COUNT }, () => newAction(store)));
    for (const inFlight of inFlights) {
      const { unitsPerSecond, worstMs } = await measure(store, actions, inFlight);
      console.log(
        `${inFlight} in flight: ${Math.round(unitsPerSecond)} units a second, the slowest ${worstMs.toFixed(1)} ms`,
      );
    }
  } finally {
    await rm(home, { recursive: true });
  }
}

async function newAction(store: ComputeStore): Promise<InstanceAction> {
  const instance = sampleRecords.instance();
  const action = sampleRecords.action({ instanceUuid: instance.uuid });
  await store.commit([
    { write: 'create-instance', instance },
    { write: 'create-action', action },
  ]);
  return action;
}

async function measure(
  store: ComputeStore,
  actions: readonly InstanceAction[],
  inFlight: number,
): Promise<{ readonly unitsPerSecond: number; readonly worstMs: number }> {
  const begun = performance.now();
  let count = 0;
  let worstMs = 0;
  const work = async (): Promise<void> => {
    for (let asked = begun; asked - begun < DURATION_MS; asked = performance.now()) {
      const action = actions[count % actions.length];
      count += 1;
      if (action) await store.commit(typicalUnit(action));
      worstMs = Math.max(worstMs, performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  return { unitsPerSecond: count / ((performance.now() - begun) / 1_000), worstMs };
}

/** What a step of an operation writes: the instance, its action, an event of it and a notification. */
function typicalUnit({ uuid, instanceUuid, requestId }: InstanceAction): readonly StoreWrite[] {
  const progress = { phase: 'powering-on', doneMib: 0, totalMib: 0, atMs: Date.now() };
  return [
    { write: 'update-instance', uuid: instanceUuid, patch: { powerState: 'RUNNING' }, guard: { taskState: [null] } },
    { write: 'put-event', event: sampleRecords.event({ id: `${uuid}-start`, actionUuid: uuid, instanceUuid }) },
    { write: 'update-action', uuid, patch: { progress }, guard: { state: ['queued'] } },
    { write: 'append-notification', notification: sampleRecords.notification({ instanceUuid, requestId }) },
  ];
}

await main(process.argv[2] ?? tmpdir());

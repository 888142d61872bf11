import { driverMethods } from '@virtkit/driver-fake';
import { allocatedBytes } from '../measure/allocated-bytes.js';
import { CountingStore } from './counting-store.js';
import { fakeHost } from './fake-host.js';
import type { Door } from './load.js';
import { cycleThroughApi, cycleThroughManager, operationsPerCycle } from './operation-cycle.js';

/** What one operation makes of others, on the average over a cycle. Counts are exact; the bytes are a median. */
export interface WorkPerOperation {
  readonly commits: number;
  readonly writes: number;
  readonly reads: number;
  readonly driverCalls: number;
  readonly allocatedBytes: number;
}

const isDriverMethod = new Set<string>(driverMethods);

export async function workPerOperation(door: Door): Promise<WorkPerOperation> {
  const store = new CountingStore();
  await using host = await fakeHost({ instanceCount: 1, store });
  const { compute, hypervisor, instances } = host;
  let [instance] = instances;
  const cycle = async (): Promise<void> => {
    if (!instance) throw new RangeError('the host has no instance');
    if (door === 'api') await cycleThroughApi(compute.api, instance.uuid);
    else instance = await cycleThroughManager(compute.manager, instance);
  };

  const before = { commits: store.commits, writes: store.writes, reads: store.reads };
  hypervisor.journal.clear();
  await cycle();
  const driverCalls = hypervisor.journal.entries.filter(({ operation }) => isDriverMethod.has(operation)).length;
  const counts = {
    commits: (store.commits - before.commits) / operationsPerCycle,
    writes: (store.writes - before.writes) / operationsPerCycle,
    reads: (store.reads - before.reads) / operationsPerCycle,
    driverCalls: driverCalls / operationsPerCycle,
  };
  const bytes = await allocatedBytes(cycle, { runs: 41 });
  return { ...counts, allocatedBytes: bytes / operationsPerCycle };
}

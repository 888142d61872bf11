import { requestContext, type Instance } from '@virtkit/core';
import type { FakeHypervisor } from '@virtkit/driver-fake';
import { foundRecords } from './found-records.js';
import { heldBytes } from './held-bytes.js';
import type { SeededHypervisor } from './seeded-hypervisor.js';
import { firstPowerSyncMs, startedManager } from './started-manager.js';

/** What a host took in one round. */
export interface HostSample {
  readonly startAtRestMs: number;
  readonly recoveryMs: number;
  readonly syncAtRestMs: number;
  readonly syncOutOfDateMs: number;
  readonly recordBytes: number;
  readonly managerBytes: number;
}

const operator = requestContext({ projectId: 'operators', userId: 'root', role: 'admin' });

/** One of everything, each with a store of its own. */
export async function hostSample({ hypervisor, instances }: SeededHypervisor): Promise<HostSample> {
  const empty = await heldBytes();
  const store = await foundRecords(instances, 'at rest');
  const filled = await heldBytes();
  const atRest = await started(hypervisor, store);
  const syncAtRestMs = await firstPowerSyncMs(atRest.compute);
  const running = await heldBytes();
  await atRest.compute.close();

  const interrupted = await started(hypervisor, await foundRecords(instances, 'interrupted'));
  await mustBe(interrupted, 'active', instances);
  await interrupted.compute.close();

  const outOfDate = await started(hypervisor, await foundRecords(instances, 'out of date'));
  const syncOutOfDateMs = await firstPowerSyncMs(outOfDate.compute);
  await mustBe(outOfDate, 'active', instances);
  await outOfDate.compute.close();

  return {
    startAtRestMs: atRest.tookMs,
    recoveryMs: interrupted.tookMs,
    syncAtRestMs,
    syncOutOfDateMs,
    recordBytes: filled - empty,
    managerBytes: running - filled,
  };
}

type Started = Awaited<ReturnType<typeof started>>;

async function started(hypervisor: FakeHypervisor, store: Awaited<ReturnType<typeof foundRecords>>) {
  const begun = performance.now();
  const compute = await startedManager(hypervisor, store);
  return { compute, tookMs: performance.now() - begun };
}

/** A figure for work that was not done is none. */
async function mustBe({ compute }: Started, vmState: Instance['vmState'], wanted: readonly Instance[]): Promise<void> {
  const found = await compute.operator.listInstances(operator, { vmState: [vmState] });
  const idle = found.filter(({ taskState }) => taskState === null);
  if (idle.length !== wanted.length) throw new Error(`${idle.length} of ${wanted.length} instances are ${vmState}`);
}

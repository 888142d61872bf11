import { setTimeout as sleep } from 'node:timers/promises';
import {
  createCompute,
  requestContext,
  silentLog,
  systemClock,
  type Clock,
  type Compute,
  type ComputeStore,
  type TaskHealth,
} from '@virtkit/core';
import { fakeDriver, type FakeHypervisor } from '@virtkit/driver-fake';

const operator = requestContext({ projectId: 'operators', userId: 'root', role: 'admin' });

/** The machine's clock, with fractions of milliseconds in the records, so that the manager's own times of its tasks are exact. */
const fineClock: Clock = { ...systemClock, now: () => performance.timeOrigin + performance.now() };

/** A manager on a host that is there already. */
export async function startedManager(hypervisor: FakeHypervisor, store: ComputeStore): Promise<Compute> {
  return await createCompute({
    host: 'host-1',
    access: { hostResources: 'everybody' },
    store,
    log: silentLog,
    clock: fineClock,
    drivers: [fakeDriver],
    driver: { name: 'fake', configuration: { hypervisor } },
    // The power sync alone.
    hostLife: { everyMs: { guestAudit: 0, actionSweep: 0, deadHostSweep: 0, resourceAudit: 0, imageCache: 0 } },
  });
}

/** How long the first power sync took, in milliseconds, as the manager says it. */
export async function firstPowerSyncMs(compute: Compute): Promise<number> {
  for (;;) {
    // Asking costs the manager something; seldom enough that it does not matter.
    await sleep(50);
    const { tasks } = await compute.operator.health(operator);
    const took = tookMs(tasks.find(({ name }) => name === 'powerSync'));
    if (took !== undefined) return took;
  }
}

function tookMs(task: TaskHealth | undefined): number | undefined {
  if (!task || task.lastStartedAtMs === null || task.lastEndedAtMs === null) return undefined;
  if (task.lastFailure) throw new Error(`the power sync failed: ${task.lastFailure.failure.message}`);
  return task.lastEndedAtMs - task.lastStartedAtMs;
}

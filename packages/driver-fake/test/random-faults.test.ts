import { describe, expect, it } from 'vitest';
import { isComputeError } from '@virtkit/core/driver';
import { randomFaultPlan, type VirtualClock } from '../src/index.js';
import { deviceScenarios } from './device-scenarios.js';
import { fakeBench } from './fake-bench.js';
import { instanceSpec } from './instance-spec.js';
import { scenarios } from './scenarios.js';

const SEED_COUNT = 300;

/** As long as the longest wait of any call; one that is not over by then hangs, and is aborted. */
const CALL_MS_MAX = 600_000;

/** What a call rejects with, aborted if it hangs; `undefined` when it resolves. */
async function failureOf(clock: VirtualClock, call: (signal: AbortSignal) => Promise<unknown>): Promise<unknown> {
  const abort = new AbortController();
  const outcome = call(abort.signal).then(
    () => undefined,
    (failure: unknown) => failure,
  );
  await clock.advance(CALL_MS_MAX);
  abort.abort();
  await clock.advance(CALL_MS_MAX);
  return outcome;
}

describe('under random faults', () => {
  it.each(Array.from({ length: SEED_COUNT }, (_, seed) => seed))(
    'every call settles with a ComputeError at worst, seed %i',
    async (seed) => {
      const { plan, faults } = randomFaultPlan(seed, { faultCount: 8 });
      const { driver, hypervisor, clock } = await fakeBench({}, { faults: plan });
      const instance = instanceSpec();

      for (const { call, name } of [...scenarios, ...deviceScenarios, ...scenarios]) {
        const failure = await failureOf(clock, (signal) => call(driver, instance, signal));
        const settled = failure === undefined || isComputeError(failure);
        expect(settled, `${name} after ${JSON.stringify(faults)}`).toBe(true);
      }

      plan.clear();
      await driver.destroy({ instance });
      expect(hypervisor.look(instance.uuid)).toMatchObject({ guest: undefined, disks: [], vifs: [] });
      expect(hypervisor.resources).toMatchObject({ memoryUsedMib: 0, diskUsedGib: 0 });
    },
  );
});

import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ComputeError, isComputeError, operatorFactsOf, type InstanceSpec } from '@virtkit/core/driver';
import { hypervisorSteps, type Fault, type FaultPoint } from '../src/index.js';
import { deviceScenarios } from './device-scenarios.js';
import { fakeBench, newDriver, type FakeBench } from './fake-bench.js';
import { prepared, scenarios, type Scenario } from './scenarios.js';

const canary = 'canary-4711 /etc/secret on 10.0.0.7';

interface MatrixColumn {
  readonly name: string;
  readonly fault: (abort: () => void) => Fault;
  readonly aborts?: 'while it hangs';
}

const planned = new ComputeError('INSUFFICIENT_RESOURCES', { resource: 'ports' });

const columns: readonly MatrixColumn[] = [
  { name: 'a ComputeError', fault: () => ({ type: 'throw', error: planned }) },
  { name: 'a foreign error', fault: () => ({ type: 'throw', error: new Error(canary) }) },
  {
    name: 'a foreign error after the effect',
    fault: () => ({ type: 'throw', error: new Error(canary), when: 'after' }),
  },
  { name: 'a thrown string', fault: () => ({ type: 'throw', error: canary }) },
  { name: 'a thrown undefined', fault: () => ({ type: 'throw', error: undefined }) },
  { name: 'a lost answer', fault: () => ({ type: 'lose-answer' }) },
  { name: 'an abort before the effect', fault: () => ({ type: 'hang', until: 'abort' }), aborts: 'while it hangs' },
  {
    name: 'an abort after the effect',
    fault: () => ({ type: 'hang', until: 'abort', when: 'after' }),
    aborts: 'while it hangs',
  },
];

/** Where a fault can strike in a scenario: its steps, learned from a run without faults. */
async function stepsOf(scenario: Scenario): Promise<readonly Pick<FaultPoint, 'at' | 'nth'>[]> {
  const bench = await fakeBench();
  const instance = await prepared(bench, scenario);
  await scenario.call(bench.driver, instance);
  return bench.hypervisor.journal
    .points()
    .filter(({ at }) => (hypervisorSteps as readonly string[]).includes(at))
    .map(({ at, nth }) => ({ at, nth }));
}

/** Runs the scenario with the fault, and returns what it rejected with. */
async function failureOf(
  bench: FakeBench,
  scenario: Scenario,
  instance: InstanceSpec,
  point: Pick<FaultPoint, 'at' | 'nth'>,
  column: MatrixColumn,
): Promise<unknown> {
  const abort = new AbortController();
  const strike = bench.hypervisor.faults.add({ ...point, fault: column.fault(() => abort.abort()) });
  const call = scenario.call(bench.driver, instance, abort.signal).then(
    () => 'resolved',
    (failure: unknown) => failure,
  );
  if (column.aborts) {
    await bench.clock.advance(0);
    abort.abort();
  }
  const failure = await call;
  expect(strike.strikes, 'the fault did not strike').toBe(1);
  return failure;
}

/** `inspect` tells what the hypervisor knows. */
async function inspectTellsTheTruth({ driver, hypervisor }: FakeBench, { uuid }: InstanceSpec): Promise<void> {
  const view = hypervisor.look(uuid);
  const told = await driver.inspect({ instanceUuid: uuid });
  expect(told.guest).toBe(view.guest ? 'present' : 'absent');
  expect(told.savedMemory).toBe(view.savedMemory);
  const { disks, vifs, shares = [], capture } = view;
  const single = [view.savedMemory === 'present', capture !== undefined].filter(Boolean).length;
  expect(told.belongings.length).toBe(disks.length + vifs.length + shares.length + single);
  expect(told.bootsFrom ?? 'own-disk').toBe(view.guest?.bootsFrom ?? 'own-disk');
}

for (const scenario of [...scenarios, ...deviceScenarios]) {
  const points = await stepsOf(scenario);

  describe(`${scenario.name} keeps the contract when a step fails`, () => {
    for (const point of points) {
      for (const column of columns) {
        it(`${point.at} ${point.nth}: ${column.name}`, async () => {
          const bench = await fakeBench();
          const instance = await prepared(bench, scenario);
          const failure = await failureOf(bench, scenario, instance, point, column);

          expect(failure).toSatisfy(isComputeError);
          const error = failure as ComputeError;
          expect(inspect([error.message, error.details, error.toTenant()])).not.toContain('canary');
          if (column.name === 'a ComputeError') expect(error).toBe(planned);
          if (column.name.startsWith('a foreign')) {
            expect(inspect([operatorFactsOf(error), error.cause])).toContain(canary);
          }
          if (column.name === 'a lost answer') expect(error.code).toBe('OUTCOME_UNKNOWN');
          if (column.aborts) expect(error.code).toBe('ABORTED');
          await inspectTellsTheTruth(bench, instance);
          await endsAsPromised(bench, scenario, instance);
          await canBeRepairedAndRemoved(bench, scenario, instance);
        });
      }
    }
  });

  describe(`${scenario.name} leaves what the next process can settle when its own dies`, () => {
    for (const point of points) {
      for (const when of ['before', 'after'] as const) {
        it(`${when} ${point.at} ${point.nth}`, async () => {
          const bench = await fakeBench();
          const instance = await prepared(bench, scenario);
          const died = new Promise<void>((resolve) => {
            bench.hypervisor.faults.add({ ...point, fault: { type: 'die', die: resolve, when } });
          });
          let settled = false;
          void scenario.call(bench.driver, instance).finally(() => (settled = true));
          await died;
          await bench.clock.runUntilIdle();
          expect(settled, 'a dead process does not settle').toBe(false);

          const next = { ...bench, ...(await newDriver(bench.hypervisor, bench.clock)) };
          await inspectTellsTheTruth(next, instance);
          await canBeRepairedAndRemoved(next, scenario, instance);
        });
      }
    }
  });
}

/** What the contract says a failed call has left. */
async function endsAsPromised(
  { hypervisor }: FakeBench,
  { name, afterFailure }: Scenario,
  { uuid }: InstanceSpec,
): Promise<void> {
  afterFailure?.(hypervisor.look(uuid), hypervisor);
  const { guest, disks, vifs, savedMemory } = hypervisor.look(uuid);
  if (name === 'spawn') expect({ guest, disks, vifs }).toEqual({ guest: undefined, disks: [], vifs: [] });
  if (name === 'suspend') expect([guest?.state, savedMemory, vifs.length]).toEqual(['running', 'absent', 1]);
  if (name === 'resume') {
    // What was restored and lost its answer is saved again: the memory is never gone.
    expect([guest?.state, savedMemory, vifs.length]).toEqual(['shut-off', 'present', 0]);
  }
  if (name === 'powerOn') expect([guest?.state, vifs.length]).toEqual(['shut-off', 0]);
  if (name.includes('reboot')) {
    expect(disks.length).toBe(1);
    // Once it has begun to make the guest anew, a failure leaves none that runs, and no vif.
    if (hypervisor.journal.steps.includes('define')) expect([guest?.state, vifs.length]).toEqual(['shut-off', 0]);
  }
}

async function canBeRepairedAndRemoved(
  { driver, hypervisor }: FakeBench,
  { name }: Scenario,
  instance: InstanceSpec,
): Promise<void> {
  hypervisor.faults.clear();
  const { guest, disks } = hypervisor.look(instance.uuid);
  const hasDisk = disks.length > 0;
  if (!name.startsWith('destroy') && hasDisk) {
    await driver.reboot({ instance, type: 'HARD' });
    const life = hypervisor.look(instance.uuid).guest?.life ?? 0;
    expect(life).toBeGreaterThan(guest?.life ?? 0);
    expect((await driver.getInfo({ instance })).powerState).toBe('RUNNING');
  }
  await driver.destroy({ instance });
  expect(hypervisor.look(instance.uuid)).toEqual({
    uuid: instance.uuid,
    guest: undefined,
    disks: [],
    vifs: [],
    savedMemory: 'absent',
  });
  const { memoryUsedMib, diskUsedGib } = hypervisor.resources;
  expect({ memoryUsedMib, diskUsedGib }).toEqual({ memoryUsedMib: 0, diskUsedGib: 0 });
}

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Capability, InstanceSpec } from '@virtkit/core/driver';
import { rule, type Rule } from '../suite/rule.js';
import type { TestBench } from '../suite/test-bench.js';
import { nothingIsLeft, powerStateIs } from './expect.js';
import { liftedMethods } from './lifted-methods.js';

/** A spawn that hangs: its network does not come up. */
async function hangingSpawn(bench: TestBench<never>, overrides: Partial<InstanceSpec> = {}) {
  const instance = await bench.instanceOfDownNetwork(overrides);
  const abort = new AbortController();
  const spawning = bench.driver.spawn({ instance }, { signal: abort.signal });
  const settled = spawning.then(
    () => 'resolved' as const,
    () => 'rejected' as const,
  );
  await Promise.race([bench.environment.externalEvents.untilAwaited(instance.uuid), settled]);
  return { instance, abort, settled };
}

export const overlapRules: readonly Rule[] = [
  ...liftedMethods
    .filter(({ name }) => ['getInfo', 'inspect', 'listInstanceUuids'].includes(name))
    .map((method) =>
      rule<Capability>({
        name: `${method.name} answers while a call that changes the instance is under way`,
        troubles: ['downInterface'],
        async prove(bench) {
          const { instance, settled } = await hangingSpawn(bench);
          // INSTANCE_NOT_FOUND is an answer too: a driver need not have made the guest yet.
          await method.call(bench.driver, instance).catch(() => {});
          bench.tellOfVifs(instance, 'completed');
          assert.equal(await settled, 'resolved');
        },
      }),
    ),

  rule({
    name: 'a call for one instance does not wait for a call for another',
    troubles: ['downInterface'],
    async prove(bench) {
      const { instance, settled } = await hangingSpawn(bench);
      const another = await bench.spawned();
      await powerStateIs(bench.driver, another, 'RUNNING');
      bench.tellOfVifs(instance, 'completed');
      assert.equal(await settled, 'resolved');
    },
  }),

  rule({
    name: 'destroy gets through while a spawn of the same instance hangs, and nothing is left',
    troubles: ['downInterface'],
    async prove(bench) {
      const { instance, abort, settled } = await hangingSpawn(bench);
      await bench.driver.destroy({ instance });
      abort.abort();
      assert.equal(await settled, 'rejected', 'The spawn that was destroyed under its hands has resolved.');
      await nothingIsLeft(bench.driver, instance);
    },
  }),

  rule({
    name: 'powerOff without a grace period gets through while a spawn of the same instance hangs',
    needs: ['power'],
    troubles: ['downInterface'],
    async prove(bench) {
      const { instance, abort, settled } = await hangingSpawn(bench);
      await bench.driver.powerOff({ instance });
      abort.abort();
      await settled;
      const { powerState } = await bench.driver.inspect({ instanceUuid: instance.uuid });
      assert.ok(['NOSTATE', 'SHUTDOWN'].includes(powerState), `After powerOff the guest is ${powerState}.`);
    },
  }),

  rule({
    name: 'destroy of another generation does not disturb a spawn that is under way',
    troubles: ['downInterface'],
    async prove(bench) {
      await otherGenerationsDoNotDisturb(bench, (instance) => bench.driver.destroy({ instance }));
    },
  }),

  rule({
    name: 'powerOff of another generation, without a grace period, does not disturb a spawn that is under way',
    needs: ['power'],
    troubles: ['downInterface'],
    async prove(bench) {
      await otherGenerationsDoNotDisturb(bench, (instance) => bench.driver.powerOff({ instance }));
    },
  }),

  rule({
    name: 'calls for many instances at once all come to their end',
    async prove(bench) {
      const instances = await Promise.all([bench.spawned(), bench.spawned(), bench.spawned()]);
      for (const instance of instances) await powerStateIs(bench.driver, instance, 'RUNNING');
      await Promise.all(instances.map((instance) => bench.driver.destroy({ instance })));
      for (const instance of instances) await nothingIsLeft(bench.driver, instance);
    },
  }),
];

/** A call that comes late, of a guest that was before: the one that is being made has nothing to do with it. */
async function otherGenerationsDoNotDisturb(
  bench: TestBench<never>,
  call: (instance: InstanceSpec) => Promise<void>,
): Promise<void> {
  const { instance, settled } = await hangingSpawn(bench, { generation: randomUUID() });
  await call({ ...instance, generation: randomUUID() });
  bench.tellOfVifs(instance, 'completed');
  assert.equal(await settled, 'resolved', 'The spawn was disturbed.');
  await powerStateIs(bench.driver, instance, 'RUNNING');
}

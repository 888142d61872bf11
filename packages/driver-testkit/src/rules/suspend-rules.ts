import assert from 'node:assert/strict';
import type { ComputeDriver, GuestInspection, InstanceSpec } from '@virtkit/core/driver';
import { rule, type Rule } from '../suite/rule.js';
import { powerStateIs } from './expect.js';

async function savedMemoryIs(
  driver: ComputeDriver,
  { uuid }: InstanceSpec,
  expected: GuestInspection['savedMemory'],
): Promise<void> {
  const { savedMemory } = await driver.inspect({ instanceUuid: uuid });
  assert.equal(savedMemory, expected, `inspect says that the saved memory is ${savedMemory}.`);
}

export const suspendRules: readonly Rule[] = [
  rule({
    name: 'suspend leaves the guest SUSPENDED, its memory saved',
    needs: ['suspend'],
    async prove(bench) {
      const instance = await bench.spawned();
      await savedMemoryIs(bench.driver, instance, 'absent');
      await bench.driver.suspend({ instance });
      await powerStateIs(bench.driver, instance, 'SUSPENDED');
      await savedMemoryIs(bench.driver, instance, 'present');
    },
  }),

  rule({
    name: 'resume leaves the guest RUNNING, nothing saved',
    needs: ['suspend'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.driver.suspend({ instance });
      await bench.driver.resume({ instance });
      await powerStateIs(bench.driver, instance, 'RUNNING');
      await savedMemoryIs(bench.driver, instance, 'absent');
    },
  }),

  rule({
    name: 'resume goes on with the life that was suspended',
    needs: ['suspend'],
    troubles: ['lifeOf'],
    async prove(bench) {
      const instance = await bench.spawned();
      const life = await bench.lifeOf(instance);
      await bench.driver.suspend({ instance });
      await bench.driver.resume({ instance });
      assert.equal(await bench.lifeOf(instance), life, 'The guest has booted instead.');
    },
  }),

  rule({
    name: 'saved memory outlives the driver',
    needs: ['suspend'],
    troubles: ['secondDriver'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.driver.suspend({ instance });
      const { driver: second } = await bench.secondDriver();
      await powerStateIs(second, instance, 'SUSPENDED');
      await savedMemoryIs(second, instance, 'present');
    },
  }),

  rule({
    name: 'resume that cannot start the guest keeps the saved memory for the next resume',
    needs: ['suspend'],
    troubles: ['breakStart'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.driver.suspend({ instance });
      const broken = await bench.breakStart(instance);
      await assert.rejects(bench.driver.resume({ instance }), 'resume resolves although the guest cannot start.');
      await powerStateIs(bench.driver, instance, 'SUSPENDED');
      await savedMemoryIs(bench.driver, instance, 'present');
      await broken.heal();
      await bench.driver.resume({ instance });
      await powerStateIs(bench.driver, instance, 'RUNNING');
    },
  }),
];

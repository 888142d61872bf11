import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';
import { powerStateIs, rejection } from './expect.js';

export const spawnRules: readonly Rule[] = [
  rule({
    name: 'spawn leaves a guest that is RUNNING',
    async prove(bench) {
      await powerStateIs(bench.driver, await bench.spawned(), 'RUNNING');
    },
  }),

  rule({
    name: 'spawn that leaves the guest off leaves one that is SHUTDOWN',
    async prove(bench) {
      const instance = bench.instance();
      await bench.driver.spawn({ instance, start: 'leave-off' });
      await powerStateIs(bench.driver, instance, 'SHUTDOWN');
    },
  }),

  rule({
    name: 'spawn of an instance that has a guest rejects with INSTANCE_EXISTS, effect none, and leaves the guest alone',
    async prove(bench) {
      const instance = await bench.spawned();
      const failure = await rejection(bench.driver.spawn({ instance }), 'INSTANCE_EXISTS');
      assert.equal(failure.effect, 'none', `The effect is ${failure.effect}.`);
      await powerStateIs(bench.driver, instance, 'RUNNING');
    },
  }),

  rule({
    name: 'instances of the same name have guests of their own',
    async prove(bench) {
      const first = await bench.spawned({ name: 'twin' });
      const second = await bench.spawned({ name: 'twin' });
      await bench.driver.destroy({ instance: first });
      await powerStateIs(bench.driver, second, 'RUNNING');
    },
  }),
];

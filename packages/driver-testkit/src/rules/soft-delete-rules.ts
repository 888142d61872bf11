import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';
import { noHostEndIsLeft, powerStateIs } from './expect.js';

export const softDeleteRules: readonly Rule[] = [
  rule({
    name: 'softDelete leaves the guest SHUTDOWN, also when called again',
    needs: ['softDelete'],
    async prove(bench) {
      const instance = await bench.spawned();
      for (let time = 1; time <= 2; time += 1) {
        await bench.driver.softDelete({ instance });
        await powerStateIs(bench.driver, instance, 'SHUTDOWN');
        await noHostEndIsLeft(bench.driver, instance.uuid);
      }
    },
  }),

  rule({
    name: 'restore leaves the guest RUNNING with the disk it had, also when called again',
    needs: ['softDelete'],
    troubles: ['writeToDisk', 'contentOf'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.writeToDisk(instance);
      const before = await bench.contentOf(instance);
      await bench.driver.softDelete({ instance });
      for (let time = 1; time <= 2; time += 1) {
        await bench.driver.restore({ instance });
        await powerStateIs(bench.driver, instance, 'RUNNING');
        assert.equal(await bench.contentOf(instance), before, 'Its disk is another.');
      }
    },
  }),
];

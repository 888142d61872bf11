import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';
import { powerStateIs } from './expect.js';

/** Whoever declares `evacuate` is asked to make guests around disks that are there. */
export const reusedDiskRules: readonly Rule[] = [
  rule({
    name: 'spawn that reuses the disks makes the guest around what they hold',
    needs: ['evacuate'],
    troubles: ['writeToDisk', 'contentOf'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.writeToDisk(instance);
      const before = await bench.contentOf(instance);
      await bench.driver.destroy({ instance, disks: 'keep' });
      await bench.driver.spawn({ instance, disks: 'reuse' });
      await powerStateIs(bench.driver, instance, 'RUNNING');
      assert.equal(await bench.contentOf(instance), before, 'Its disk is another.');
    },
  }),
];

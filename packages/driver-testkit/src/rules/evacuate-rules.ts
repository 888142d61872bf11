import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';
import { powerStateIs, rejection } from './expect.js';

export const evacuateRules: readonly Rule[] = [
  rule({
    name: 'instanceOnDisk says whether the host reaches the disks of an instance',
    needs: ['evacuate'],
    async prove(bench) {
      const { driver } = bench;
      const instance = bench.instance();
      assert.equal(await driver.instanceOnDisk({ instance }), 'absent', 'The host never had it.');
      await driver.spawn({ instance });
      assert.equal(await driver.instanceOnDisk({ instance }), 'present', 'Its guest runs here.');
      await driver.destroy({ instance, disks: 'keep' });
      assert.equal(await driver.instanceOnDisk({ instance }), 'present', 'Its disks are kept here.');
      await driver.spawn({ instance, disks: 'reuse' });
      await driver.destroy({ instance });
      assert.equal(await driver.instanceOnDisk({ instance }), 'absent', 'Its disks are removed.');
    },
  }),

  rule({
    name: 'what instanceOnDisk says of another host is true: there the disks can be reused, or not',
    needs: ['evacuate'],
    troubles: ['otherHost'],
    async prove(bench) {
      const other = await bench.otherHost();
      const instance = await bench.spawned();
      await bench.driver.destroy({ instance, disks: 'keep' });
      const said = await other.driver.instanceOnDisk({ instance });
      const spawning = other.driver.spawn({ instance, disks: 'reuse' });
      if (said === 'absent') await rejection(spawning, 'GUEST_START_FAILED');
      else {
        await spawning;
        await powerStateIs(other.driver, instance, 'RUNNING');
      }
    },
  }),
];

import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';
import { powerStateIs } from './expect.js';
import { larger, noGuestIsThere, resizedInPlace, sameHost } from './resize-steps.js';

/** Moves whose destination is the host they come from. */
export const resizeInPlaceRules: readonly Rule[] = [
  rule({
    name: 'migrateDiskAndPowerOff to the same host leaves no guest until finishMigration makes it',
    needs: ['resize'],
    async prove(bench) {
      const instance = await bench.spawned();
      const after = larger(instance);
      const disks = await bench.driver.migrateDiskAndPowerOff({ instance, destination: sameHost(bench, after) });
      await noGuestIsThere(bench.driver, instance, 'on the host');
      await bench.driver.finishMigration({ instance: after, disks });
      await powerStateIs(bench.driver, after, 'RUNNING');
    },
  }),

  rule({
    name: 'confirmMigration on the same host removes what was kept, and the resized guest goes on',
    needs: ['resize'],
    async prove(bench) {
      const { after } = await resizedInPlace(bench);
      const before = await bench.driver.inspect({ instanceUuid: after.uuid });
      await bench.driver.confirmMigration({ instance: after });
      await powerStateIs(bench.driver, after, 'RUNNING');
      const { belongings } = await bench.driver.inspect({ instanceUuid: after.uuid });
      assert.ok(belongings.length < before.belongings.length, 'What was kept is still there.');
    },
  }),

  rule({
    name: 'finishRevertMigration on the same host puts the guest in the place of the resized one',
    needs: ['resize'],
    async prove(bench) {
      const instance = await bench.spawned();
      const { belongings } = await bench.driver.inspect({ instanceUuid: instance.uuid });
      const after = larger(instance);
      const disks = await bench.driver.migrateDiskAndPowerOff({ instance, destination: sameHost(bench, after) });
      await bench.driver.finishMigration({ instance: after, disks });
      await bench.driver.finishRevertMigration({ instance });
      await powerStateIs(bench.driver, instance, 'RUNNING');
      assert.deepEqual((await bench.driver.inspect({ instanceUuid: instance.uuid })).belongings, belongings);
    },
  }),
];

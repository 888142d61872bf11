import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';
import { nothingIsLeft, powerStateIs, rejection } from './expect.js';
import { destinationOf, larger, noGuestIsThere, resized, sentAway } from './resize-steps.js';

/** Moves to another host. */
export const resizeRules: readonly Rule[] = [
  rule({
    name: 'migrateDiskAndPowerOff leaves no guest at the source, and inspect names what is kept',
    needs: ['resize'],
    troubles: ['otherHost'],
    async prove(bench) {
      const { instance, disks } = await sentAway(bench);
      await noGuestIsThere(bench.driver, instance, 'at the source');
      const { belongings } = await bench.driver.inspect({ instanceUuid: instance.uuid });
      assert.notDeepEqual(belongings, [], 'inspect names nothing that is kept.');
      assert.deepEqual(structuredClone(disks), disks, 'The disks are plain data.');
    },
  }),

  rule({
    name: 'migrateDiskAndPowerOff called again resolves with the same disks',
    needs: ['resize'],
    troubles: ['otherHost'],
    async prove(bench) {
      const { instance, after, other, disks } = await sentAway(bench);
      const before = await bench.driver.inspect({ instanceUuid: instance.uuid });
      const again = await bench.driver.migrateDiskAndPowerOff({ instance, destination: destinationOf(other, after) });
      assert.deepEqual(again, disks);
      assert.deepEqual(
        await bench.driver.inspect({ instanceUuid: instance.uuid }),
        before,
        'The second call has changed something.',
      );
    },
  }),

  rule({
    name: 'migrateDiskAndPowerOff to a host out of reach rejects with MIGRATION_REFUSED, effect none, and the guest runs',
    needs: ['resize'],
    troubles: ['otherHost', 'cutLink'],
    async prove(bench) {
      const other = await bench.otherHost();
      const instance = await bench.spawned();
      await bench.cutLink();
      const destination = destinationOf(other, larger(instance));
      const moving = bench.driver.migrateDiskAndPowerOff({ instance, destination });
      const { effect } = await rejection(moving, 'MIGRATION_REFUSED');
      assert.equal(effect, 'none', `The effect is ${effect}.`);
      await powerStateIs(bench.driver, instance, 'RUNNING');
    },
  }),

  rule({
    name: 'finishMigration leaves the guest RUNNING at the destination',
    needs: ['resize'],
    troubles: ['otherHost'],
    async prove(bench) {
      const { instance, after, other } = await resized(bench);
      await powerStateIs(other.driver, after, 'RUNNING');
      await noGuestIsThere(bench.driver, instance, 'at the source');
    },
  }),

  rule({
    name: 'a guest that was resized has started from reset',
    needs: ['resize'],
    troubles: ['otherHost', 'lifeOf'],
    async prove(bench) {
      const other = await bench.otherHost();
      const instance = await bench.spawned();
      const life = await bench.lifeOf(instance);
      const after = larger(instance);
      const disks = await bench.driver.migrateDiskAndPowerOff({ instance, destination: destinationOf(other, after) });
      await other.driver.finishMigration({ instance: after, disks });
      assert.notEqual(await bench.lifeOf(instance, other), life, 'It goes on with the life it had.');
    },
  }),

  rule({
    name: 'finishMigration gives the guest its disk with everything that was on it',
    needs: ['resize'],
    troubles: ['otherHost', 'writeToDisk', 'contentOf'],
    async prove(bench) {
      const other = await bench.otherHost();
      const instance = await bench.spawned();
      await bench.writeToDisk(instance);
      const content = await bench.contentOf(instance);
      const after = larger(instance);
      const disks = await bench.driver.migrateDiskAndPowerOff({ instance, destination: destinationOf(other, after) });
      await other.driver.finishMigration({ instance: after, disks });
      assert.equal(await bench.contentOf(after, undefined, other), content, 'The disk holds something else.');
    },
  }),

  rule({
    name: 'finishMigration of a guest that is to be left off leaves it SHUTDOWN, without a vif',
    needs: ['resize'],
    troubles: ['otherHost'],
    async prove(bench) {
      const { after, other } = await resized(bench, 'leave-off');
      await powerStateIs(other.driver, after, 'SHUTDOWN');
      const { belongings } = await other.driver.inspect({ instanceUuid: after.uuid });
      assert.deepEqual(
        belongings.filter((belonging) => /\bvif\b/i.test(belonging)),
        [],
      );
    },
  }),

  rule({
    name: 'finishMigration called again resolves and changes nothing',
    needs: ['resize'],
    troubles: ['otherHost'],
    async prove(bench) {
      const { after, other, disks } = await resized(bench);
      const before = await other.driver.inspect({ instanceUuid: after.uuid });
      await other.driver.finishMigration({ instance: after, disks });
      assert.deepEqual(
        await other.driver.inspect({ instanceUuid: after.uuid }),
        before,
        'The second call has changed something.',
      );
    },
  }),

  rule({
    name: 'finishMigration that cannot start the guest leaves none, and can be tried again',
    needs: ['resize'],
    troubles: ['otherHost', 'breakStart'],
    async prove(bench) {
      const { after, other, disks } = await sentAway(bench);
      const broken = await bench.breakStart(after, other);
      await rejection(other.driver.finishMigration({ instance: after, disks }));
      await noGuestIsThere(other.driver, after, 'at the destination');
      await broken.heal();
      await other.driver.finishMigration({ instance: after, disks });
      await powerStateIs(other.driver, after, 'RUNNING');
    },
  }),

  rule({
    name: 'confirmMigration leaves nothing at the source, and the guest goes on at the destination',
    needs: ['resize'],
    troubles: ['otherHost'],
    async prove(bench) {
      const { instance, after, other } = await resized(bench);
      await bench.driver.confirmMigration({ instance });
      await nothingIsLeft(bench.driver, instance);
      await powerStateIs(other.driver, after, 'RUNNING');
      await bench.driver.confirmMigration({ instance });
    },
  }),

  rule({
    name: 'what is kept outlives the driver: a second one confirms the move',
    needs: ['resize'],
    troubles: ['otherHost', 'secondDriver'],
    async prove(bench) {
      const { instance } = await resized(bench);
      const { driver: second } = await bench.secondDriver();
      await second.confirmMigration({ instance });
      await nothingIsLeft(second, instance);
    },
  }),

  rule({
    name: 'finishRevertMigration leaves the guest RUNNING at the source again, and nothing kept',
    needs: ['resize'],
    troubles: ['otherHost'],
    async prove(bench) {
      const other = await bench.otherHost();
      const instance = await bench.spawned();
      const { belongings } = await bench.driver.inspect({ instanceUuid: instance.uuid });
      const after = larger(instance);
      const disks = await bench.driver.migrateDiskAndPowerOff({ instance, destination: destinationOf(other, after) });
      await other.driver.finishMigration({ instance: after, disks });
      await other.driver.destroy({ instance: after });
      await bench.driver.finishRevertMigration({ instance });
      await powerStateIs(bench.driver, instance, 'RUNNING');
      assert.deepEqual((await bench.driver.inspect({ instanceUuid: instance.uuid })).belongings, belongings);
    },
  }),

  rule({
    name: 'finishRevertMigration called again resolves and changes nothing',
    needs: ['resize'],
    troubles: ['otherHost'],
    async prove(bench) {
      const { instance, other } = await resized(bench);
      await other.driver.destroy({ instance });
      await bench.driver.finishRevertMigration({ instance });
      const before = await bench.driver.inspect({ instanceUuid: instance.uuid });
      await bench.driver.finishRevertMigration({ instance });
      assert.deepEqual(
        await bench.driver.inspect({ instanceUuid: instance.uuid }),
        before,
        'The second call has changed something.',
      );
    },
  }),

  rule({
    name: 'destroy removes what is kept for the revert of a move, and what has come of one',
    needs: ['resize'],
    troubles: ['otherHost'],
    async prove(bench) {
      const { instance, other } = await sentAway(bench);
      await bench.driver.destroy({ instance });
      await nothingIsLeft(bench.driver, instance);
      await other.driver.destroy({ instance });
      await nothingIsLeft(other.driver, instance);
    },
  }),
];

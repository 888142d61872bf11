import assert from 'node:assert/strict';
import { isComputeError } from '@virtkit/core/driver';
import { rule, type Rule } from '../suite/rule.js';
import { nothingIsLeft, powerStateIs, rejection } from './expect.js';
import { checked, moveUnderWay, readyToMove } from './live-migration-steps.js';
import { noGuestIsThere } from './resize-steps.js';

export const liveMigrationRules: readonly Rule[] = [
  rule({
    name: 'the checks of a live migration leave nothing at the destination once they are cleaned up',
    needs: ['liveMigration'],
    troubles: ['otherHost'],
    async prove(bench) {
      const { instance, other, data } = await checked(bench);
      assert.deepEqual(structuredClone(data), data, 'What the drivers tell each other is plain data.');
      await other.driver.cleanupLiveMigrationDestinationCheck({ instance, data });
      await other.driver.cleanupLiveMigrationDestinationCheck({ instance, data });
      await nothingIsLeft(other.driver, instance);
      await powerStateIs(bench.driver, instance, 'RUNNING');
    },
  }),

  rule({
    name: 'a check of hosts that do not reach each other rejects with MIGRATION_REFUSED, effect none',
    needs: ['liveMigration'],
    troubles: ['otherHost', 'cutLink'],
    async prove(bench) {
      const other = await bench.otherHost();
      const instance = await bench.spawned();
      await bench.cutLink();
      const request = { sourceHost: bench.environment.host, disks: 'whatever-fits' } as const;
      const checking = (async () => {
        const data = await other.driver.checkCanLiveMigrateDestination({ instance, ...request });
        await bench.driver.checkCanLiveMigrateSource({ instance, data });
      })();
      const { effect } = await rejection(checking, 'MIGRATION_REFUSED');
      assert.equal(effect, 'none', `The effect is ${effect}.`);
      await powerStateIs(bench.driver, instance, 'RUNNING');
    },
  }),

  rule({
    name: 'preLiveMigration called again resolves, and leaves no guest at the destination',
    needs: ['liveMigration'],
    troubles: ['otherHost'],
    async prove(bench) {
      const { instance, other, data } = await readyToMove(bench);
      const before = await other.driver.inspect({ instanceUuid: instance.uuid });
      await other.driver.preLiveMigration({ instance, data });
      assert.deepEqual(
        await other.driver.inspect({ instanceUuid: instance.uuid }),
        before,
        'The second call has changed something.',
      );
      await noGuestIsThere(other.driver, instance, 'at the destination');
    },
  }),

  rule({
    name: 'liveMigration leaves the guest RUNNING at the destination, and no longer at the source',
    needs: ['liveMigration'],
    troubles: ['otherHost'],
    async prove(bench) {
      const { instance, other, data } = await readyToMove(bench);
      await bench.driver.liveMigration({ instance, data });
      await powerStateIs(other.driver, instance, 'RUNNING');
      await noGuestIsThere(bench.driver, instance, 'at the source');
    },
  }),

  rule({
    name: 'a live migration goes on with the life of the guest',
    needs: ['liveMigration'],
    troubles: ['otherHost', 'lifeOf'],
    async prove(bench) {
      const { instance, other, data } = await readyToMove(bench);
      const life = await bench.lifeOf(instance);
      await bench.driver.liveMigration({ instance, data });
      assert.equal(await bench.lifeOf(instance, other), life, 'The guest has booted instead.');
    },
  }),

  rule({
    name: 'the post methods leave nothing at the source and the guest RUNNING, also when called again',
    needs: ['liveMigration'],
    troubles: ['otherHost'],
    async prove(bench) {
      const { instance, other, data } = await readyToMove(bench);
      await bench.driver.liveMigration({ instance, data });
      for (let call = 0; call < 2; call += 1) {
        await bench.driver.postLiveMigrationAtSource({ instance, data });
        await other.driver.postLiveMigrationAtDestination({ instance, data });
        await nothingIsLeft(bench.driver, instance);
        await powerStateIs(other.driver, instance, 'RUNNING');
      }
    },
  }),

  rule({
    name: 'a guest that came by live migration has all it needs to be destroyed',
    needs: ['liveMigration'],
    troubles: ['otherHost'],
    async prove(bench) {
      const { instance, other, data } = await readyToMove(bench);
      await bench.driver.liveMigration({ instance, data });
      await bench.driver.postLiveMigrationAtSource({ instance, data });
      await other.driver.postLiveMigrationAtDestination({ instance, data });
      await other.driver.destroy({ instance });
      await nothingIsLeft(other.driver, instance);
    },
  }),

  rule({
    name: 'liveMigration over a cut link rejects with MIGRATION_FAILED, and the guest goes on at the source',
    needs: ['liveMigration'],
    troubles: ['otherHost', 'cutLink'],
    async prove(bench) {
      const { instance, other, data } = await readyToMove(bench);
      await bench.cutLink();
      await rejection(bench.driver.liveMigration({ instance, data }), 'MIGRATION_FAILED');
      await powerStateIs(bench.driver, instance, 'RUNNING');
      await noGuestIsThere(other.driver, instance, 'at the destination');
    },
  }),

  rule({
    name: 'the rollback methods leave nothing at the destination and the guest RUNNING at the source',
    needs: ['liveMigration'],
    troubles: ['otherHost'],
    async prove(bench) {
      const { instance, other, data } = await readyToMove(bench);
      const before = await bench.driver.inspect({ instanceUuid: instance.uuid });
      for (let call = 0; call < 2; call += 1) {
        await bench.driver.rollbackLiveMigrationAtSource({ instance, data });
        await other.driver.rollbackLiveMigrationAtDestination({ instance, data });
        await nothingIsLeft(other.driver, instance);
        assert.deepEqual(
          await bench.driver.inspect({ instanceUuid: instance.uuid }),
          before,
          'The source has changed.',
        );
      }
    },
  }),

  rule({
    name: 'rollbackLiveMigrationAtSource ends a live migration that another driver on the host has begun: the guest stays',
    needs: ['liveMigration'],
    troubles: ['otherHost', 'busyGuest', 'secondDriver'],
    async prove(bench) {
      const { instance, other, data, failure } = await moveUnderWay(bench);
      const { driver: second } = await bench.secondDriver();
      await second.rollbackLiveMigrationAtSource({ instance, data });
      await powerStateIs(second, instance, 'RUNNING');
      assert.ok(isComputeError(await failure, 'MIGRATION_FAILED'), `It ended with ${String(await failure)}.`);
      await noGuestIsThere(other.driver, instance, 'at the destination');
    },
  }),

  rule({
    name: 'the rollback methods leave a guest alone that has come after all',
    needs: ['liveMigration'],
    troubles: ['otherHost'],
    async prove(bench) {
      const { instance, other, data } = await readyToMove(bench);
      await bench.driver.liveMigration({ instance, data });
      const there = await other.driver.inspect({ instanceUuid: instance.uuid });
      await bench.driver.rollbackLiveMigrationAtSource({ instance, data });
      await other.driver.rollbackLiveMigrationAtDestination({ instance, data });
      assert.deepEqual(
        await other.driver.inspect({ instanceUuid: instance.uuid }),
        there,
        'The guest or what belongs to it has changed.',
      );
      await noGuestIsThere(bench.driver, instance, 'at the source');
    },
  }),

  rule({
    name: 'liveMigration tells how much remains, and of how much',
    needs: ['liveMigration'],
    troubles: ['otherHost'],
    async prove(bench) {
      const { instance, data } = await readyToMove(bench);
      const told: { readonly remainingMib: number; readonly totalMib: number }[] = [];
      await bench.driver.liveMigration({ instance, data }, { onProgress: (progress) => told.push(progress) });
      assert.ok(told.length > 0, 'It tells of no progress.');
      for (const { remainingMib, totalMib } of told) {
        assert.ok(remainingMib >= 0 && remainingMib <= totalMib, `${remainingMib} MiB of ${totalMib} MiB remain.`);
      }
    },
  }),

  rule({
    name: 'liveMigration that is aborted under way settles, and leaves the guest RUNNING at the source',
    needs: ['liveMigration'],
    troubles: ['otherHost', 'busyGuest'],
    async prove(bench) {
      const abort = new AbortController();
      const { instance, other, failure } = await moveUnderWay(bench, { signal: abort.signal });
      abort.abort();
      assert.ok(isComputeError(await failure), 'It rejects with a ComputeError.');
      await powerStateIs(bench.driver, instance, 'RUNNING');
      await noGuestIsThere(other.driver, instance, 'at the destination');
    },
  }),
];

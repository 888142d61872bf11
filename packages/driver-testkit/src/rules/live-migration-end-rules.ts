import assert from 'node:assert/strict';
import { isComputeError } from '@virtkit/core/driver';
import { rule, type Rule } from '../suite/rule.js';
import { powerStateIs, rejection } from './expect.js';
import { moveUnderWay } from './live-migration-steps.js';
import { noGuestIsThere } from './resize-steps.js';

/** Ending a live migration that does not end by itself. */
export const liveMigrationEndRules: readonly Rule[] = [
  rule({
    name: 'liveMigrationAbort leaves the guest RUNNING at the source, and liveMigration rejects with MIGRATION_FAILED',
    needs: ['liveMigration', 'liveMigrationAbort'],
    troubles: ['otherHost', 'busyGuest'],
    async prove(bench) {
      const { instance, other, failure } = await moveUnderWay(bench);
      await bench.driver.liveMigrationAbort({ instance });
      await powerStateIs(bench.driver, instance, 'RUNNING');
      await noGuestIsThere(other.driver, instance, 'at the destination');
      assert.ok(isComputeError(await failure, 'MIGRATION_FAILED'), `It ended with ${String(await failure)}.`);
    },
  }),

  rule({
    name: 'liveMigrationAbort finds a live migration that another driver on the host has begun',
    needs: ['liveMigration', 'liveMigrationAbort'],
    troubles: ['otherHost', 'busyGuest', 'secondDriver'],
    async prove(bench) {
      const { instance, failure } = await moveUnderWay(bench);
      const { driver: second } = await bench.secondDriver();
      await second.liveMigrationAbort({ instance });
      assert.ok(isComputeError(await failure, 'MIGRATION_FAILED'), `It ended with ${String(await failure)}.`);
      await powerStateIs(second, instance, 'RUNNING');
    },
  }),

  rule({
    name: 'liveMigrationAbort of a guest that is not being moved rejects with NO_ACTIVE_MIGRATION, effect none',
    needs: ['liveMigrationAbort'],
    async prove(bench) {
      const instance = await bench.spawned();
      const { effect } = await rejection(bench.driver.liveMigrationAbort({ instance }), 'NO_ACTIVE_MIGRATION');
      assert.equal(effect, 'none', `The effect is ${effect}.`);
      await powerStateIs(bench.driver, instance, 'RUNNING');
    },
  }),

  rule({
    name: 'liveMigrationForceComplete makes the live migration of a busy guest end at the destination',
    needs: ['liveMigration', 'liveMigrationForceComplete'],
    troubles: ['otherHost', 'busyGuest'],
    async prove(bench) {
      const { instance, other, failure } = await moveUnderWay(bench);
      await bench.driver.liveMigrationForceComplete({ instance });
      assert.equal(await failure, undefined, 'liveMigration rejects.');
      await powerStateIs(other.driver, instance, 'RUNNING');
      await noGuestIsThere(bench.driver, instance, 'at the source');
    },
  }),

  rule({
    name: 'liveMigrationForceComplete of a guest that is not being moved rejects with NO_ACTIVE_MIGRATION, effect none',
    needs: ['liveMigrationForceComplete'],
    async prove(bench) {
      const instance = await bench.spawned();
      const forcing = bench.driver.liveMigrationForceComplete({ instance });
      const { effect } = await rejection(forcing, 'NO_ACTIVE_MIGRATION');
      assert.equal(effect, 'none', `The effect is ${effect}.`);
    },
  }),
];

import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';
import { powerStateIs } from './expect.js';

/** The driver connects anew by itself: nobody calls `initHost` a second time. */
export const reconnectRules: readonly Rule[] = [
  rule({
    name: 'a hypervisor that restarts is told as unavailable, then as available',
    troubles: ['restartHypervisor'],
    async prove(bench) {
      await bench.restartHypervisor();
      const told = bench.environment.events.map(({ type }) => type).filter((type) => type !== 'resync');
      assert.deepEqual(told, ['unavailable', 'available'], 'They take turns, and are told once.');
    },
  }),

  rule({
    name: 'calls work again once the hypervisor is available, and find the guests as they are',
    troubles: ['restartHypervisor'],
    async prove(bench) {
      const before = await bench.spawned();
      await bench.restartHypervisor();
      await powerStateIs(bench.driver, before, 'RUNNING');
      const after = await bench.spawned();
      await powerStateIs(bench.driver, after, 'RUNNING');
      const uuids = await bench.driver.listInstanceUuids({});
      assert.deepEqual([...uuids].sort(), [before.uuid, after.uuid].sort());
    },
  }),

  rule({
    name: 'guest events flow again once the hypervisor is available',
    troubles: ['restartHypervisor', 'stopFromInside'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.restartHypervisor();
      const after = bench.environment.transitionsOf(instance.uuid).length;
      await bench.stopFromInside(instance);
      await bench.environment.untilTransition(instance.uuid, ['stopped'], { after });
    },
  }),

  rule({
    name: 'a hypervisor that restarts twice is found twice',
    troubles: ['restartHypervisor'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.restartHypervisor();
      await bench.restartHypervisor();
      await powerStateIs(bench.driver, instance, 'RUNNING');
    },
  }),

  rule({
    name: 'a hypervisor that restarts after cleanupHost is not told',
    troubles: ['restartHypervisor', 'secondDriver'],
    async prove(bench) {
      await bench.driver.cleanupHost({});
      const eventCount = bench.environment.events.length;
      const { environment } = await bench.secondDriver();
      await bench.restartSilently();
      await environment.untilEvent('available');
      assert.equal(bench.environment.events.length, eventCount, 'The driver that was cleaned up connects anew.');
    },
  }),
];

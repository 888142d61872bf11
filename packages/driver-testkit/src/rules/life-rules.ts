import assert from 'node:assert/strict';
import { missingMethods } from '@virtkit/core/driver';
import { rule, type Rule } from '../suite/rule.js';
import { powerStateIs, rejection } from './expect.js';
import { needsOf } from './lifted-method.js';
import { liftedMethods } from './lifted-methods.js';

export const lifeRules: readonly Rule[] = [
  rule({
    name: 'a driver has every method of every ability it declares, before initHost',
    host: 'new',
    async prove({ driver, subject }) {
      assert.deepEqual(driver.capabilities, subject.capabilities, 'It declares what its author says it declares.');
      assert.deepEqual(missingMethods(driver), [], 'It declares abilities and lacks methods of them.');
    },
  }),

  rule({
    name: 'cleanupHost resolves without initHost, and when it is called twice',
    host: 'new',
    async prove({ driver }) {
      await driver.cleanupHost({});
      await driver.cleanupHost({});
    },
  }),

  rule({
    name: 'a second driver on the same host finds the guests of the first',
    troubles: ['secondDriver'],
    async prove(bench) {
      const running = await bench.spawned();
      const off = bench.instance();
      await bench.driver.spawn({ instance: off, start: 'leave-off' });
      const { driver: second } = await bench.secondDriver();
      assert.deepEqual([...(await second.listInstanceUuids({}))].sort(), [running.uuid, off.uuid].sort());
      await powerStateIs(second, running, 'RUNNING');
      await powerStateIs(second, off, 'SHUTDOWN');
    },
  }),

  rule({
    name: 'a second driver on the same host destroys what the first has made',
    troubles: ['secondDriver'],
    async prove(bench) {
      const instance = await bench.spawned();
      const { driver: second } = await bench.secondDriver();
      await second.destroy({ instance });
      const { guest, belongings } = await second.inspect({ instanceUuid: instance.uuid });
      assert.deepEqual([guest, ...belongings], ['absent']);
    },
  }),

  rule({
    name: 'guests go on after cleanupHost',
    troubles: ['secondDriver'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.driver.cleanupHost({});
      const { driver: second } = await bench.secondDriver();
      await powerStateIs(second, instance, 'RUNNING');
    },
  }),

  rule({
    name: 'no event is emitted after cleanupHost',
    troubles: ['secondDriver', 'stopFromInside'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.driver.cleanupHost({});
      const eventCount = bench.environment.events.length;
      const { environment } = await bench.secondDriver();
      await bench.stopFromInside(instance);
      await environment.untilTransition(instance.uuid, ['stopped']);
      assert.equal(bench.environment.events.length, eventCount, 'The driver that was cleaned up still emits.');
    },
  }),

  ...liftedMethods.map((method) =>
    rule({
      name: `${method.name} after cleanupHost rejects`,
      needs: needsOf(method),
      async prove(bench) {
        const instance = await bench.spawned();
        const another = bench.instance();
        await bench.driver.cleanupHost({});
        await rejection(method.call(bench.driver, method.name === 'spawn' ? another : instance));
      },
    }),
  ),
];

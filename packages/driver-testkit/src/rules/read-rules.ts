import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';
import { nothingIsLeft } from './expect.js';

export const readRules: readonly Rule[] = [
  rule({
    name: 'listInstanceUuids tells of every guest once, running or not, and of nothing else',
    async prove(bench) {
      assert.deepEqual(await bench.driver.listInstanceUuids({}), [], 'A new host lists guests.');
      const running = await bench.spawned();
      const off = bench.instance();
      await bench.driver.spawn({ instance: off, start: 'leave-off' });
      const listed = await bench.driver.listInstanceUuids({});
      assert.deepEqual([...listed].sort(), [running.uuid, off.uuid].sort());
    },
  }),

  rule({
    name: 'inspect of an unknown instance tells of an absent guest with nothing left',
    async prove(bench) {
      await nothingIsLeft(bench.driver, bench.instance());
    },
  }),

  rule({
    name: 'inspect tells that the hypervisor has lost a guest',
    troubles: ['loseGuest'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.loseGuest(instance);
      const { guest, powerState } = await bench.driver.inspect({ instanceUuid: instance.uuid });
      assert.deepEqual({ guest, powerState }, { guest: 'absent', powerState: 'NOSTATE' });
    },
  }),
];

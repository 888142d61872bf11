import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';
import { nothingIsLeft, powerStateIs } from './expect.js';

export const destroyRules: readonly Rule[] = [
  rule({
    name: 'destroy leaves nothing of an instance on the host',
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.driver.destroy({ instance });
      await nothingIsLeft(bench.driver, instance);
    },
  }),

  rule({
    name: 'destroy leaves nothing of an instance whose memory is saved',
    needs: ['suspend'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.driver.suspend({ instance });
      await bench.driver.destroy({ instance });
      await nothingIsLeft(bench.driver, instance);
    },
  }),

  rule({
    name: 'destroy removes what is left of a guest that the hypervisor has lost',
    troubles: ['loseGuest'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.loseGuest(instance);
      await bench.driver.destroy({ instance });
      await nothingIsLeft(bench.driver, instance);
    },
  }),

  rule({
    name: 'destroy that keeps the disks removes the guest, and a later destroy the rest',
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.driver.destroy({ instance, disks: 'keep' });
      assert.equal(
        (await bench.driver.inspect({ instanceUuid: instance.uuid })).guest,
        'absent',
        'The guest is still there.',
      );
      assert.deepEqual(await bench.driver.listInstanceUuids({}), [], 'The instance is still listed.');
      await bench.driver.destroy({ instance });
      await nothingIsLeft(bench.driver, instance);
    },
  }),

  rule({
    name: 'destroy that keeps the disks leaves a hard reboot all it needs',
    needs: ['reboot'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.driver.destroy({ instance, disks: 'keep' });
      await bench.driver.reboot({ instance, type: 'HARD' });
      await powerStateIs(bench.driver, instance, 'RUNNING');
    },
  }),
];

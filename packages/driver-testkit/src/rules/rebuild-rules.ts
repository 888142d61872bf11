import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';
import { noHostEndIsLeft, powerStateIs, rejection } from './expect.js';

export const rebuildRules: readonly Rule[] = [
  rule({
    name: 'rebuild leaves the guest RUNNING from a fresh disk, each time',
    needs: ['rebuild'],
    troubles: ['writeToDisk', 'contentOf'],
    async prove(bench) {
      const instance = await bench.spawned();
      for (const time of ['first', 'second']) {
        await bench.writeToDisk(instance);
        const written = await bench.contentOf(instance);
        await bench.driver.rebuild({ instance });
        await powerStateIs(bench.driver, instance, 'RUNNING');
        const content = await bench.contentOf(instance);
        assert.notEqual(content, written, `What was written is there after the ${time} rebuild.`);
      }
    },
  }),

  rule({
    name: 'rebuild leaves the other disks as they are',
    needs: ['rebuild'],
    troubles: ['volume', 'writeToDisk', 'contentOf'],
    async prove(bench) {
      const volume = await bench.volume();
      const instance = await bench.spawned({ blockDevices: [volume] });
      await bench.writeToDisk(instance, volume.id);
      const before = await bench.contentOf(instance, volume.id);
      await bench.driver.rebuild({ instance });
      assert.equal(await bench.contentOf(instance, volume.id), before, 'The volume holds something else.');
    },
  }),

  rule({
    name: 'rebuild that fails leaves the guest off, without vif or secret, and can be repeated',
    needs: ['rebuild'],
    troubles: ['breakStart'],
    async prove(bench) {
      const instance = await bench.spawned();
      const broken = await bench.breakStart(instance);
      await rejection(bench.driver.rebuild({ instance }), 'GUEST_START_FAILED');
      const { powerState } = await bench.driver.inspect({ instanceUuid: instance.uuid });
      assert.equal(powerState, 'SHUTDOWN', `After the failed rebuild the guest is ${powerState}.`);
      await noHostEndIsLeft(bench.driver, instance.uuid);
      await broken.heal();
      await bench.driver.rebuild({ instance });
      await powerStateIs(bench.driver, instance, 'RUNNING');
    },
  }),

  rule({
    name: 'rebuild from an image that is gone rejects with IMAGE_NOT_FOUND',
    needs: ['rebuild'],
    troubles: ['missingImage'],
    async prove(bench) {
      const instance = await bench.spawned();
      await rejection(
        bench.driver.rebuild({ instance: { ...instance, image: await bench.missingImage() } }),
        'IMAGE_NOT_FOUND',
      );
    },
  }),
];

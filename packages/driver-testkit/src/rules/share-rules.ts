import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';
import { nothingIsLeft } from './expect.js';

export const shareRules: readonly Rule[] = [
  rule({
    name: 'mountShare lets the guest find the share under its tag, also when called again',
    needs: ['shares'],
    troubles: ['share', 'lookInside'],
    async prove(bench) {
      const [instance, share] = [await bench.spawned(), await bench.share()];
      for (let time = 1; time <= 2; time += 1) {
        await bench.driver.mountShare({ instance, share });
        const { shareTags } = await bench.lookInside(instance);
        assert.deepEqual(shareTags, [share.tag], 'The guest finds other shares.');
      }
    },
  }),

  rule({
    name: 'umountShare takes the share away, also when called again',
    needs: ['shares'],
    troubles: ['share', 'lookInside'],
    async prove(bench) {
      const [instance, share] = [await bench.spawned(), await bench.share()];
      const before = await bench.driver.inspect({ instanceUuid: instance.uuid });
      await bench.driver.mountShare({ instance, share });
      for (let time = 1; time <= 2; time += 1) {
        await bench.driver.umountShare({ instance, share });
        const { shareTags } = await bench.lookInside(instance);
        assert.deepEqual(shareTags, [], 'The guest finds the share still.');
        assert.deepEqual(
          await bench.driver.inspect({ instanceUuid: instance.uuid }),
          before,
          'Something of the share is left.',
        );
      }
    },
  }),

  rule({
    name: 'destroy takes the shares of the guest away',
    needs: ['shares'],
    troubles: ['share'],
    async prove(bench) {
      const [instance, share] = [await bench.spawned(), await bench.share()];
      await bench.driver.mountShare({ instance, share });
      await bench.driver.destroy({ instance });
      await nothingIsLeft(bench.driver, instance);
    },
  }),
];

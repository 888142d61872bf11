import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';
import type { TestBench } from '../suite/test-bench.js';
import { noHostEndIsLeft, powerStateIs, rejection } from './expect.js';

export const rescueRules: readonly Rule[] = [
  rule({
    name: 'rescue leaves the guest RUNNING from the rescue image, and inspect says so',
    needs: ['rescue'],
    async prove(bench) {
      const instance = await offInstance(bench);
      await bench.driver.rescue({ instance, image: instance.image });
      await powerStateIs(bench.driver, instance, 'RUNNING');
      await bootsFrom(bench, instance.uuid, 'rescue-image');
    },
  }),

  rule({
    name: 'rescue of a guest that is rescued already rescues it anew',
    needs: ['rescue'],
    troubles: ['lifeOf'],
    async prove(bench) {
      const instance = await offInstance(bench);
      await bench.driver.rescue({ instance, image: instance.image });
      const before = await bench.lifeOf(instance);
      await bench.driver.rescue({ instance, image: instance.image });
      await powerStateIs(bench.driver, instance, 'RUNNING');
      await bootsFrom(bench, instance.uuid, 'rescue-image');
      assert.notEqual(await bench.lifeOf(instance), before, 'It lives on as it did.');
    },
  }),

  rule({
    name: 'rescue that fails leaves the guest off, with its own disk to boot from and nothing else',
    needs: ['rescue'],
    troubles: ['breakStart'],
    async prove(bench) {
      const instance = await offInstance(bench);
      const before = await bench.driver.inspect({ instanceUuid: instance.uuid });
      await bench.breakStart(instance);
      await rejection(bench.driver.rescue({ instance, image: instance.image }), 'GUEST_START_FAILED');
      const { powerState, belongings } = await bench.driver.inspect({ instanceUuid: instance.uuid });
      assert.equal(powerState, 'SHUTDOWN', `After the failed rescue the guest is ${powerState}.`);
      await bootsFrom(bench, instance.uuid, 'own-disk');
      await noHostEndIsLeft(bench.driver, instance.uuid);
      assert.deepEqual(sorted(belongings), sorted(before.belongings), 'Something of the rescue is left.');
    },
  }),

  rule({
    name: 'rescue with an image that is gone rejects with IMAGE_NOT_FOUND',
    needs: ['rescue'],
    troubles: ['missingImage'],
    async prove(bench) {
      const instance = await offInstance(bench);
      await rejection(bench.driver.rescue({ instance, image: await bench.missingImage() }), 'IMAGE_NOT_FOUND');
    },
  }),

  rule({
    name: 'unrescue leaves the guest RUNNING from its own disk, and the rescue disk is gone',
    needs: ['rescue'],
    troubles: ['writeToDisk', 'contentOf'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.writeToDisk(instance);
      const [content, before] = [
        await bench.contentOf(instance),
        await bench.driver.inspect({ instanceUuid: instance.uuid }),
      ];
      await bench.driver.rescue({ instance, image: instance.image });
      await bench.driver.unrescue({ instance });
      await powerStateIs(bench.driver, instance, 'RUNNING');
      await bootsFrom(bench, instance.uuid, 'own-disk');
      assert.equal(await bench.contentOf(instance), content, 'Its own disk is another.');
      const { belongings } = await bench.driver.inspect({ instanceUuid: instance.uuid });
      assert.deepEqual(sorted(belongings), sorted(before.belongings), 'Something of the rescue is left.');
    },
  }),
];

async function offInstance(bench: TestBench<never>) {
  const instance = bench.instance();
  await bench.driver.spawn({ instance, start: 'leave-off' });
  return instance;
}

async function bootsFrom({ driver }: TestBench<never>, instanceUuid: string, expected: 'own-disk' | 'rescue-image') {
  const { bootsFrom: told = 'own-disk' } = await driver.inspect({ instanceUuid });
  assert.equal(told, expected, `inspect says that it boots from ${told}.`);
}

function sorted(belongings: readonly string[]): readonly string[] {
  return [...belongings].sort();
}

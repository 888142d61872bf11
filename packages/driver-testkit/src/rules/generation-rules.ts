import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ComputeDriver, InstanceSpec } from '@virtkit/core/driver';
import { rule, type Rule } from '../suite/rule.js';
import type { TestBench } from '../suite/test-bench.js';
import { nothingIsLeft, powerStateIs, rejection } from './expect.js';

export const generationRules: readonly Rule[] = [
  rule({
    name: 'inspect tells the generation that a guest was spawned with, running or not',
    async prove(bench) {
      const running = await bench.spawned({ generation: randomUUID() });
      await generationIs(bench.driver, running);
      const off = bench.instance({ generation: randomUUID() });
      await bench.driver.spawn({ instance: off, start: 'leave-off' });
      await generationIs(bench.driver, off);
    },
  }),

  rule({
    name: 'inspect tells null of a guest that was made without a generation',
    async prove(bench) {
      await generationIs(bench.driver, await bench.spawned());
    },
  }),

  rule({
    name: 'a second driver on the same host tells the generation of what the first has made',
    troubles: ['secondDriver'],
    async prove(bench) {
      const instance = await bench.spawned({ generation: randomUUID() });
      await bench.driver.cleanupHost({});
      const { driver: second } = await bench.secondDriver();
      await generationIs(second, instance);
    },
  }),

  rule({
    name: 'spawn repeated with the same generation resolves and changes nothing',
    async prove(bench) {
      const instance = await bench.spawned({ generation: randomUUID() });
      const before = await bench.driver.inspect({ instanceUuid: instance.uuid });
      await bench.driver.spawn({ instance });
      assert.deepEqual(
        await bench.driver.inspect({ instanceUuid: instance.uuid }),
        before,
        'The second call has changed something.',
      );
    },
  }),

  rule({
    name: 'spawn repeated with the same generation starts a guest that was made and never started',
    async prove(bench) {
      const instance = bench.instance({ generation: randomUUID() });
      await bench.driver.spawn({ instance, start: 'leave-off' });
      await bench.driver.spawn({ instance });
      await powerStateIs(bench.driver, instance, 'RUNNING');
      await generationIs(bench.driver, instance);
    },
  }),

  rule({
    name: 'spawn that goes on with an earlier one and fails leaves nothing',
    troubles: ['breakStart'],
    async prove(bench) {
      const instance = bench.instance({ generation: randomUUID() });
      await bench.driver.spawn({ instance, start: 'leave-off' });
      const broken = await bench.breakStart(instance);
      await rejection(bench.driver.spawn({ instance }), 'GUEST_START_FAILED');
      await nothingIsLeft(bench.driver, instance);
      await broken.heal();
    },
  }),

  rule({
    name: 'spawn of another generation, or of none, rejects with INSTANCE_EXISTS, effect none, and leaves the guest alone',
    async prove(bench) {
      const instance = await bench.spawned({ generation: randomUUID() });
      const before = await bench.driver.inspect({ instanceUuid: instance.uuid });
      for (const generation of [randomUUID(), null]) {
        const failure = await rejection(
          bench.driver.spawn({ instance: { ...instance, generation } }),
          'INSTANCE_EXISTS',
        );
        assert.equal(failure.effect, 'none', `The effect is ${failure.effect}.`);
        assert.deepEqual(
          await bench.driver.inspect({ instanceUuid: instance.uuid }),
          before,
          'It has changed something.',
        );
      }
    },
  }),

  rule({
    name: 'spawn of a generation rejects with INSTANCE_EXISTS where the guest has none, and leaves it alone',
    async prove(bench) {
      const instance = await bench.spawned();
      const before = await bench.driver.inspect({ instanceUuid: instance.uuid });
      await rejection(bench.driver.spawn({ instance: { ...instance, generation: randomUUID() } }), 'INSTANCE_EXISTS');
      assert.deepEqual(
        await bench.driver.inspect({ instanceUuid: instance.uuid }),
        before,
        'It has changed something.',
      );
    },
  }),

  rule({
    name: 'destroy of another generation, or of none, resolves and touches nothing',
    async prove(bench) {
      const instance = await bench.spawned({ generation: randomUUID() });
      await destroyOfOthersTouchesNothing(bench, instance, [{ generation: randomUUID() }, { generation: null }, {}]);
    },
  }),

  rule({
    name: 'destroy of a generation touches nothing of a guest that has none',
    async prove(bench) {
      const instance = await bench.spawned();
      await destroyOfOthersTouchesNothing(bench, instance, [{ generation: randomUUID() }]);
    },
  }),

  rule({
    name: 'destroy of another generation leaves what is left of a lost guest whose generation inspect tells',
    troubles: ['loseGuest'],
    async prove(bench) {
      const instance = await bench.spawned({ generation: randomUUID() });
      await bench.loseGuest(instance);
      const { generation } = await bench.driver.inspect({ instanceUuid: instance.uuid });
      if (generation === undefined) return;
      assert.equal(generation, instance.generation, `inspect tells ${generation} of what is left.`);
      await destroyOfOthersTouchesNothing(bench, instance, [{ generation: randomUUID() }, {}]);
    },
  }),

  rule({
    name: 'destroy of its generation leaves nothing of an instance, running or lost',
    troubles: ['loseGuest'],
    async prove(bench) {
      for (const fate of ['running', 'lost']) {
        const instance = await bench.spawned({ generation: randomUUID() });
        if (fate === 'lost') await bench.loseGuest(instance);
        await bench.driver.destroy({ instance });
        await nothingIsLeft(bench.driver, instance);
      }
    },
  }),
];

export async function generationIs(driver: ComputeDriver, { uuid, generation = null }: InstanceSpec): Promise<void> {
  const found = await driver.inspect({ instanceUuid: uuid });
  assert.equal(found.generation, generation, `inspect tells the generation ${found.generation}, not ${generation}.`);
}

async function destroyOfOthersTouchesNothing(
  { driver }: TestBench<never>,
  { uuid }: InstanceSpec,
  names: readonly { readonly generation?: string | null }[],
): Promise<void> {
  const before = await driver.inspect({ instanceUuid: uuid });
  for (const name of names) {
    await driver.destroy({ instance: { uuid, ...name } });
    assert.deepEqual(await driver.inspect({ instanceUuid: uuid }), before, 'It has changed something.');
  }
}

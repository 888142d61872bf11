import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';
import type { TestBench } from '../suite/test-bench.js';
import { noHostEndIsLeft } from './expect.js';

export const plugVifsRules: readonly Rule[] = [
  rule({
    name: "plugVifs makes the host's end of every interface, also when called again",
    needs: ['vifs'],
    troubles: ['downInterface'],
    async prove(bench) {
      const instance = await offInstance(bench);
      for (let time = 1; time <= 2; time += 1) {
        await bench.driver.plugVifs({ instance });
        const { belongings } = await bench.driver.inspect({ instanceUuid: instance.uuid });
        const vifs = belongings.filter((belonging) => belonging.startsWith('vif'));
        assert.equal(vifs.length, instance.networkInterfaces.length, `The host has ${vifs.length} vifs of it.`);
      }
    },
  }),

  rule({
    name: "unplugVifs removes the host's ends, also when called again",
    needs: ['vifs'],
    troubles: ['downInterface'],
    async prove(bench) {
      const instance = await offInstance(bench);
      await bench.driver.plugVifs({ instance });
      for (let time = 1; time <= 2; time += 1) {
        await bench.driver.unplugVifs({ instance });
        await noHostEndIsLeft(bench.driver, instance.uuid);
      }
    },
  }),
];

async function offInstance(bench: TestBench<never>) {
  const instance = bench.instance({ networkInterfaces: [await bench.activeInterface()] });
  await bench.driver.spawn({ instance, start: 'leave-off' });
  return instance;
}

import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';

export const injectNetworkRules: readonly Rule[] = [
  rule({
    name: 'injectNetworkInfo tells the guest of the interfaces in its spec',
    needs: ['injectNetwork'],
    troubles: ['downInterface', 'lookInside'],
    async prove(bench) {
      const networkInterface = await bench.activeInterface();
      const instance = await bench.spawned({ networkInterfaces: [networkInterface] });
      await bench.driver.injectNetworkInfo({ instance });
      const { networkSetUp } = await bench.lookInside(instance);
      assert.deepEqual(networkSetUp, [networkInterface.id], 'The guest knows other interfaces.');
    },
  }),
];

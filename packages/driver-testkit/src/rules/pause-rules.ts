import { rule, type Rule } from '../suite/rule.js';
import { powerStateIs, rejection } from './expect.js';

export const pauseRules: readonly Rule[] = [
  rule({
    name: 'pause leaves the guest PAUSED',
    needs: ['pause'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.driver.pause({ instance });
      await powerStateIs(bench.driver, instance, 'PAUSED');
    },
  }),

  rule({
    name: 'pause of a guest that is off rejects with INSTANCE_INVALID_STATE and leaves it off',
    needs: ['pause'],
    async prove(bench) {
      const instance = bench.instance();
      await bench.driver.spawn({ instance, start: 'leave-off' });
      await rejection(bench.driver.pause({ instance }), 'INSTANCE_INVALID_STATE');
      await powerStateIs(bench.driver, instance, 'SHUTDOWN');
    },
  }),

  rule({
    name: 'unpause leaves a paused guest RUNNING',
    needs: ['pause'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.driver.pause({ instance });
      await bench.driver.unpause({ instance });
      await powerStateIs(bench.driver, instance, 'RUNNING');
    },
  }),
];

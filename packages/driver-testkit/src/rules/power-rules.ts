import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';
import { abortRejection, noHostEndIsLeft, powerStateIs } from './expect.js';

export const powerRules: readonly Rule[] = [
  rule({
    name: 'powerOff leaves the guest SHUTDOWN',
    needs: ['power'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.driver.powerOff({ instance });
      await powerStateIs(bench.driver, instance, 'SHUTDOWN');
    },
  }),

  rule({
    name: 'powerOff leaves no vif and no secret of the guest behind',
    needs: ['power'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.driver.powerOff({ instance });
      await noHostEndIsLeft(bench.driver, instance.uuid);
    },
  }),

  rule({
    name: 'powerOff of a suspended guest resolves and leaves it SUSPENDED, its memory saved',
    needs: ['power', 'suspend'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.driver.suspend({ instance });
      await bench.driver.powerOff({ instance });
      await powerStateIs(bench.driver, instance, 'SUSPENDED');
      assert.equal(
        (await bench.driver.inspect({ instanceUuid: instance.uuid })).savedMemory,
        'present',
        'Its memory is gone.',
      );
    },
  }),

  rule({
    name: 'powerOff of a guest that the hypervisor has lost removes its vifs',
    needs: ['power'],
    troubles: ['loseGuest'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.loseGuest(instance);
      await bench.driver.powerOff({ instance });
      await noHostEndIsLeft(bench.driver, instance.uuid);
    },
  }),

  rule({
    name: 'powerOff with a grace period stops a guest that does not listen when the period is over',
    needs: ['power'],
    troubles: ['ignoreShutdown'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.ignoreShutdown(instance);
      await bench.driver.powerOff({ instance, gracePeriodMs: 100, retryIntervalMs: 40 });
      await powerStateIs(bench.driver, instance, 'SHUTDOWN');
    },
  }),

  rule({
    name: 'powerOff with a grace period can be aborted within it',
    needs: ['power'],
    troubles: ['ignoreShutdown'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.ignoreShutdown(instance);
      const signal = AbortSignal.timeout(50);
      await abortRejection(bench.driver.powerOff({ instance, gracePeriodMs: 3_600_000 }, { signal }), signal);
      await powerStateIs(bench.driver, instance, 'RUNNING');
    },
  }),

  rule({
    name: 'powerOn leaves a guest that was off RUNNING',
    needs: ['power'],
    async prove(bench) {
      const instance = bench.instance();
      await bench.driver.spawn({ instance, start: 'leave-off' });
      await bench.driver.powerOn({ instance });
      await powerStateIs(bench.driver, instance, 'RUNNING');
    },
  }),

  rule({
    name: 'powerOn makes anew a guest that the hypervisor has lost',
    needs: ['power'],
    troubles: ['loseGuest'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.driver.powerOff({ instance });
      await bench.loseGuest(instance);
      await bench.driver.powerOn({ instance });
      await powerStateIs(bench.driver, instance, 'RUNNING');
    },
  }),
];

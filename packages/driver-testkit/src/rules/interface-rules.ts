import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';
import { hasDevice } from './device-proofs.js';
import { powerStateIs, rejection } from './expect.js';

export const interfaceRules: readonly Rule[] = [
  rule({
    name: 'attachInterface gives the guest the interface, now and after its next start, also when called again',
    needs: ['interfaces'],
    troubles: ['downInterface', 'lookAtDevices'],
    async prove(bench) {
      const [instance, added] = [await bench.spawned(), await bench.activeInterface()];
      for (let time = 1; time <= 2; time += 1) {
        await bench.driver.attachInterface({ instance, networkInterface: added });
        await hasDevice(bench, instance, added.id, { now: true, afterNextStart: true });
      }
    },
  }),

  rule({
    name: 'attachInterface whose network fails rejects with VIF_PLUG_FAILED, and the guest has it nowhere',
    needs: ['interfaces'],
    troubles: ['downInterface', 'lookAtDevices'],
    async prove(bench) {
      const [instance, added] = [await bench.spawned(), await bench.downInterface()];
      const before = await bench.driver.inspect({ instanceUuid: instance.uuid });
      const rejecting = rejection(
        bench.driver.attachInterface({ instance, networkInterface: added }),
        'VIF_PLUG_FAILED',
      );
      await Promise.race([bench.environment.externalEvents.untilAwaited(instance.uuid), rejecting]);
      bench.tellOfVifs({ ...instance, networkInterfaces: [added] }, 'failed');
      await rejecting;
      await hasDevice(bench, instance, added.id, { now: false, afterNextStart: false });
      assert.deepEqual(
        await bench.driver.inspect({ instanceUuid: instance.uuid }),
        before,
        'Something of the interface is left.',
      );
    },
  }),

  rule({
    name: 'detachInterface makes the guest let go of the interface, and its vif is gone, also when called again',
    needs: ['interfaces'],
    troubles: ['downInterface', 'lookAtDevices'],
    async prove(bench) {
      const [instance, added] = [await bench.spawned(), await bench.activeInterface()];
      const before = await bench.driver.inspect({ instanceUuid: instance.uuid });
      await bench.driver.attachInterface({ instance, networkInterface: added });
      for (let time = 1; time <= 2; time += 1) {
        await bench.driver.detachInterface({ instance, interfaceId: added.id });
        await hasDevice(bench, instance, added.id, { now: false, afterNextStart: false });
        assert.deepEqual(
          await bench.driver.inspect({ instanceUuid: instance.uuid }),
          before,
          'Something of the interface is left.',
        );
      }
      await powerStateIs(bench.driver, instance, 'RUNNING');
    },
  }),

  rule({
    name: 'detachInterface that the guest refuses rejects with DEVICE_DETACH_REFUSED, effect none, and it has it still',
    needs: ['interfaces'],
    troubles: ['downInterface', 'lookAtDevices', 'refuseDetach'],
    async prove(bench) {
      const [instance, added] = [await bench.spawned(), await bench.activeInterface()];
      await bench.driver.attachInterface({ instance, networkInterface: added });
      await bench.refuseDetach(instance);
      const { effect } = await rejection(
        bench.driver.detachInterface({ instance, interfaceId: added.id }),
        'DEVICE_DETACH_REFUSED',
      );
      assert.equal(effect, 'none', `The effect is ${effect}.`);
      await hasDevice(bench, instance, added.id, { now: true, afterNextStart: true });
    },
  }),
];

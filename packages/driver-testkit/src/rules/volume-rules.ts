import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';
import { hasDevice } from './device-proofs.js';
import { rejection } from './expect.js';

/** More than any hypervisor gives to one guest. */
const DEVICE_COUNT_MAX = 300;

export const volumeRules: readonly Rule[] = [
  rule({
    name: 'attachVolume gives the guest the device, now and after its next start',
    needs: ['volumes'],
    troubles: ['volume', 'lookAtDevices'],
    async prove(bench) {
      const [instance, volume] = [await bench.spawned(), await bench.volume()];
      await bench.driver.attachVolume({ instance, device: volume });
      await hasDevice(bench, instance, volume.id, { now: true, afterNextStart: true });
    },
  }),

  rule({
    name: 'attachVolume of a guest that is off gives its next start the device',
    needs: ['volumes'],
    troubles: ['volume', 'lookAtDevices'],
    async prove(bench) {
      const [instance, volume] = [bench.instance(), await bench.volume()];
      await bench.driver.spawn({ instance, start: 'leave-off' });
      await bench.driver.attachVolume({ instance, device: volume });
      await hasDevice(bench, instance, volume.id, { now: false, afterNextStart: true });
    },
  }),

  rule({
    name: 'attachVolume called again resolves, and the guest has the device once',
    needs: ['volumes'],
    troubles: ['volume', 'lookAtDevices'],
    async prove(bench) {
      const [instance, volume] = [await bench.spawned(), await bench.volume()];
      await bench.driver.attachVolume({ instance, device: volume });
      await bench.driver.attachVolume({ instance, device: volume });
      await hasDevice(bench, instance, volume.id, { now: true, afterNextStart: true });
    },
  }),

  rule({
    name: 'attachVolume of one device too many rejects with TOO_MANY_DEVICES, effect none, and the guest has it nowhere',
    needs: ['volumes'],
    troubles: ['volume', 'lookAtDevices'],
    async prove(bench) {
      const instance = await bench.spawned();
      for (let count = 1; count <= DEVICE_COUNT_MAX; count += 1) {
        const volume = await bench.volume();
        const attaching = bench.driver.attachVolume({ instance, device: volume });
        const outcome = await attaching.then(
          () => 'attached' as const,
          () => 'refused' as const,
        );
        if (outcome === 'attached') continue;
        const { effect } = await rejection(attaching, 'TOO_MANY_DEVICES');
        assert.equal(effect, 'none', `The effect is ${effect}.`);
        return hasDevice(bench, instance, volume.id, { now: false, afterNextStart: false });
      }
      assert.fail(`The guest has ${DEVICE_COUNT_MAX} volumes.`);
    },
  }),

  rule({
    name: 'detachVolume makes the guest let go of the device, now and after its next start',
    needs: ['volumes'],
    troubles: ['volume', 'lookAtDevices'],
    async prove(bench) {
      const [instance, volume] = [await bench.spawned(), await bench.volume()];
      await bench.driver.attachVolume({ instance, device: volume });
      await bench.driver.detachVolume({ instance, deviceId: volume.id });
      await hasDevice(bench, instance, volume.id, { now: false, afterNextStart: false });
    },
  }),

  rule({
    name: 'detachVolume called again resolves',
    needs: ['volumes'],
    troubles: ['volume'],
    async prove(bench) {
      const [instance, volume] = [await bench.spawned(), await bench.volume()];
      await bench.driver.attachVolume({ instance, device: volume });
      await bench.driver.detachVolume({ instance, deviceId: volume.id });
      await bench.driver.detachVolume({ instance, deviceId: volume.id });
    },
  }),

  rule({
    name: 'detachVolume that the guest refuses rejects with DEVICE_DETACH_REFUSED, effect none, and it has the device still',
    needs: ['volumes'],
    troubles: ['volume', 'lookAtDevices', 'refuseDetach'],
    async prove(bench) {
      const [instance, volume] = [await bench.spawned(), await bench.volume()];
      await bench.driver.attachVolume({ instance, device: volume });
      await bench.refuseDetach(instance);
      const { effect } = await rejection(
        bench.driver.detachVolume({ instance, deviceId: volume.id }),
        'DEVICE_DETACH_REFUSED',
      );
      assert.equal(effect, 'none', `The effect is ${effect}.`);
      await hasDevice(bench, instance, volume.id, { now: true, afterNextStart: true });
    },
  }),

  rule({
    name: 'destroy lets volumes go and does not remove them',
    needs: ['volumes'],
    troubles: ['volume', 'writeToDisk', 'contentOf', 'contentAt'],
    async prove(bench) {
      const [instance, volume] = [await bench.spawned(), await bench.volume()];
      await bench.driver.attachVolume({ instance, device: volume });
      await bench.writeToDisk(instance, volume.id);
      const before = await bench.contentOf(instance, volume.id);
      await bench.driver.destroy({ instance });
      assert.equal(await bench.contentAt(volume.source.path), before, 'The volume is not what it was.');
    },
  }),

  rule({
    name: 'getVolumeConnector names the host and its address',
    needs: ['volumes'],
    async prove({ driver }) {
      const { host, address } = await driver.getVolumeConnector({});
      assert.ok(host.length > 0 && address.length > 0, `The host is '${host}', its address '${address}'.`);
    },
  }),
];

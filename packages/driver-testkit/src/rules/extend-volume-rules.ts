import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';
import type { TestBench } from '../suite/test-bench.js';
import { rejection } from './expect.js';

export const extendVolumeRules: readonly Rule[] = [
  rule({
    name: 'extendVolume lets the guest see the new size, also when called again',
    needs: ['extendVolume'],
    troubles: ['volume', 'lookAtDevices'],
    async prove(bench) {
      const { instance, deviceId, sizeMib } = await withVolume(bench);
      for (let time = 1; time <= 2; time += 1) {
        await bench.driver.extendVolume({ instance, deviceId, sizeMib: sizeMib + 64 });
        assert.equal(await sizeOf(bench, instance, deviceId), sizeMib + 64);
      }
    },
  }),

  rule({
    name: 'extendVolume never makes a disk smaller',
    needs: ['extendVolume'],
    troubles: ['volume', 'lookAtDevices'],
    async prove(bench) {
      const { instance, deviceId, sizeMib } = await withVolume(bench);
      await bench.driver.extendVolume({ instance, deviceId, sizeMib: sizeMib - 1 }).catch(() => {});
      assert.equal(await sizeOf(bench, instance, deviceId), sizeMib);
    },
  }),

  rule({
    name: 'extendVolume of a device that the guest has not rejects with DEVICE_NOT_FOUND',
    needs: ['extendVolume'],
    troubles: ['volume'],
    async prove(bench) {
      const instance = await bench.spawned();
      const { id } = await bench.volume();
      await rejection(bench.driver.extendVolume({ instance, deviceId: id, sizeMib: 4_096 }), 'DEVICE_NOT_FOUND');
    },
  }),
];

async function withVolume(bench: TestBench<never>) {
  const volume = await bench.volume();
  const instance = await bench.spawned({ blockDevices: [volume] });
  return { instance, deviceId: volume.id, sizeMib: await sizeOf(bench, instance, volume.id) };
}

async function sizeOf(bench: TestBench<never>, instance: { readonly uuid: string }, deviceId: string) {
  const { now } = await bench.lookAtDevices(instance);
  const size = now.find(({ id }) => id === deviceId)?.sizeMib;
  assert.ok(size !== undefined, 'The guest does not see the volume, or no size of it.');
  return size;
}

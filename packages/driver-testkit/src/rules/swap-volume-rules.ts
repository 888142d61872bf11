import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';
import type { TestBench } from '../suite/test-bench.js';
import { hasDevice } from './device-proofs.js';
import { rejection } from './expect.js';

export const swapVolumeRules: readonly Rule[] = [
  rule({
    name: 'swapVolume lets the guest write to the replacement only, with everything that the old one held',
    needs: ['swapVolume'],
    troubles: ['volume', 'writeToDisk', 'contentOf', 'contentAt', 'lookAtDevices'],
    async prove(bench) {
      const { instance, old, replacement } = await withVolume(bench);
      const held = await bench.contentOf(instance, old.id);
      await bench.driver.swapVolume({ instance, deviceId: old.id, replacement });
      assert.equal(await bench.contentOf(instance, replacement.id), held, 'The replacement holds something else.');
      await bench.writeToDisk(instance, replacement.id);
      assert.equal(await bench.contentAt(old.source.path), held, 'The guest writes to the old one too.');
      assert.notEqual(
        await bench.contentAt(replacement.source.path),
        held,
        'The guest does not write to the replacement.',
      );
      await hasDevice(bench, instance, replacement.id, { now: true, afterNextStart: true });
      await hasDevice(bench, instance, old.id, { now: false, afterNextStart: false });
    },
  }),

  rule({
    name: 'swapVolume called again changes nothing',
    needs: ['swapVolume'],
    troubles: ['volume', 'writeToDisk', 'contentOf', 'lookAtDevices'],
    async prove(bench) {
      const { instance, old, replacement } = await withVolume(bench);
      await bench.driver.swapVolume({ instance, deviceId: old.id, replacement });
      await bench.writeToDisk(instance, replacement.id);
      const before = await bench.contentOf(instance, replacement.id);
      await bench.driver.swapVolume({ instance, deviceId: old.id, replacement });
      assert.equal(await bench.contentOf(instance, replacement.id), before, 'The replacement holds something else.');
      await hasDevice(bench, instance, replacement.id, { now: true, afterNextStart: true });
    },
  }),

  rule({
    name: 'swapVolume of a device that the guest has not rejects with DEVICE_NOT_FOUND',
    needs: ['swapVolume'],
    troubles: ['volume'],
    async prove(bench) {
      const instance = await bench.spawned();
      const [missing, replacement] = [await bench.volume(), await bench.volume()];
      await rejection(bench.driver.swapVolume({ instance, deviceId: missing.id, replacement }), 'DEVICE_NOT_FOUND');
    },
  }),
];

/** A guest that has written to a volume, and another volume. */
async function withVolume(bench: TestBench<never>) {
  const [old, replacement] = [await bench.volume(), await bench.volume()];
  const instance = await bench.spawned({ blockDevices: [old] });
  await bench.writeToDisk(instance, old.id);
  return { instance, old, replacement };
}

import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';
import type { TestBench } from '../suite/test-bench.js';
import { rejection } from './expect.js';

export const volumeSnapshotRules: readonly Rule[] = [
  rule({
    name: 'volumeSnapshotCreate lets the guest write to the snapshot, and what was there is still, also when called again',
    needs: ['volumeSnapshots'],
    troubles: ['volume', 'writeToDisk', 'contentOf', 'contentAt', 'emptyPath', 'lookAtDevices'],
    async prove(bench) {
      const { instance, volume } = await withVolume(bench);
      const held = await bench.contentOf(instance, volume.id);
      const path = await bench.emptyPath();
      for (let time = 1; time <= 2; time += 1) {
        await bench.driver.volumeSnapshotCreate({ instance, deviceId: volume.id, snapshotPath: path });
        await bench.writeToDisk(instance, volume.id);
        assert.equal(await pathOf(bench, instance, volume.id), path, 'The guest writes elsewhere.');
        assert.equal(await bench.contentAt(volume.source.path), held, 'What was there is not any more.');
      }
    },
  }),

  rule({
    name: 'volumeSnapshotDelete merges the snapshot into what is below, also when called again',
    needs: ['volumeSnapshots'],
    troubles: ['volume', 'writeToDisk', 'contentOf', 'contentAt', 'emptyPath', 'lookAtDevices'],
    async prove(bench) {
      const { instance, volume } = await withVolume(bench);
      const path = await bench.emptyPath();
      await bench.driver.volumeSnapshotCreate({ instance, deviceId: volume.id, snapshotPath: path });
      await bench.writeToDisk(instance, volume.id);
      const written = await bench.contentOf(instance, volume.id);
      for (let time = 1; time <= 2; time += 1) {
        await bench.driver.volumeSnapshotDelete({ instance, deviceId: volume.id, snapshotPath: path });
        assert.equal(await bench.contentAt(volume.source.path), written, 'What was written to the snapshot is lost.');
        assert.equal(await pathOf(bench, instance, volume.id), volume.source.path, 'The guest writes elsewhere.');
      }
    },
  }),

  ...(['volumeSnapshotCreate', 'volumeSnapshotDelete'] as const).map((method) =>
    rule({
      name: `${method} of a device that the guest has not rejects with DEVICE_NOT_FOUND`,
      needs: ['volumeSnapshots'],
      troubles: ['volume', 'emptyPath'],
      async prove(bench) {
        const instance = await bench.spawned();
        const { id: deviceId } = await bench.volume();
        const request = { instance, deviceId, snapshotPath: await bench.emptyPath() };
        await rejection(bench.driver[method](request), 'DEVICE_NOT_FOUND');
      },
    }),
  ),
];

async function withVolume(bench: TestBench<never>) {
  const volume = await bench.volume();
  const instance = await bench.spawned({ blockDevices: [volume] });
  await bench.writeToDisk(instance, volume.id);
  return { instance, volume };
}

async function pathOf(bench: TestBench<never>, instance: { readonly uuid: string }, deviceId: string) {
  const { now } = await bench.lookAtDevices(instance);
  return now.find(({ id }) => id === deviceId)?.path;
}

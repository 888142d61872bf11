import assert from 'node:assert/strict';
import type { SnapshotProgress, SnapshotTarget } from '@virtkit/core/driver';
import { deferred } from '../environment/deferred.js';
import { rule, type Rule } from '../suite/rule.js';
import type { TestBench } from '../suite/test-bench.js';
import { powerStateIs } from './expect.js';

export const snapshotRules: readonly Rule[] = [
  rule({
    name: "snapshot writes what is on the guest's disk to the target, and the guest goes on",
    needs: ['snapshot'],
    troubles: ['writeToDisk', 'contentOf', 'contentAt', 'emptyPath', 'lifeOf'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.writeToDisk(instance);
      const [before, life] = [
        await bench.driver.inspect({ instanceUuid: instance.uuid }),
        await bench.lifeOf(instance),
      ];
      const target = await newTarget(bench);
      await bench.driver.snapshot({ instance, target });
      assert.equal(
        await bench.contentAt(target.path),
        await bench.contentOf(instance),
        'The image holds something else.',
      );
      await powerStateIs(bench.driver, instance, 'RUNNING');
      assert.equal(await bench.lifeOf(instance), life, 'The guest has booted meanwhile.');
      assert.deepEqual(
        await bench.driver.inspect({ instanceUuid: instance.uuid }),
        before,
        'Something of the snapshot is left.',
      );
    },
  }),

  rule({
    name: 'snapshot replaces what an earlier one has left at the target',
    needs: ['snapshot'],
    troubles: ['writeToDisk', 'contentOf', 'contentAt', 'emptyPath'],
    async prove(bench) {
      const instance = await bench.spawned();
      const target = await newTarget(bench);
      await bench.driver.snapshot({ instance, target });
      await bench.writeToDisk(instance);
      await bench.driver.snapshot({ instance, target });
      assert.equal(await bench.contentAt(target.path), await bench.contentOf(instance), 'The image is the old one.');
    },
  }),

  rule({
    name: 'snapshot that is aborted leaves nothing at the target, and the guest goes on',
    needs: ['snapshot'],
    troubles: ['contentAt', 'emptyPath'],
    async prove(bench) {
      const instance = await bench.spawned();
      const target = await newTarget(bench);
      const abort = new AbortController();
      const onProgress = (): void => abort.abort();
      // Whoever tells nothing before it is done has nothing to be aborted.
      const outcome = await bench.driver.snapshot({ instance, target }, { signal: abort.signal, onProgress }).then(
        () => 'resolved' as const,
        () => 'rejected' as const,
      );
      if (outcome === 'rejected') assert.equal(await bench.contentAt(target.path), undefined, 'Something is there.');
      await powerStateIs(bench.driver, instance, 'RUNNING');
    },
  }),

  rule({
    name: 'initHost drops what a driver that died in the middle of a snapshot has left begun',
    needs: ['snapshot'],
    troubles: ['die', 'secondDriver', 'emptyPath'],
    async prove(bench) {
      const instance = await bench.spawned();
      const before = await bench.driver.inspect({ instanceUuid: instance.uuid });
      const died = deferred<void>();
      const onProgress = ({ phase }: SnapshotProgress): void => {
        if (phase === 'image_snapshot') return;
        bench.die();
        died.resolve();
      };
      const options = { onProgress };
      // What a dead one answers nobody hears, if it does. Whoever tells nothing has ended before it could die.
      const ended = bench.driver.snapshot({ instance, target: await newTarget(bench) }, options).catch(() => undefined);
      await Promise.race([died.promise, ended]);
      const { driver: second } = await bench.secondDriver();
      assert.deepEqual(
        await second.inspect({ instanceUuid: instance.uuid }),
        before,
        'Something of the snapshot is left.',
      );
    },
  }),

  rule({
    name: 'snapshot tells how it goes on, in numbers that make sense',
    needs: ['snapshot'],
    troubles: ['emptyPath'],
    async prove(bench) {
      const instance = await bench.spawned();
      const told: SnapshotProgress[] = [];
      await bench.driver.snapshot(
        { instance, target: await newTarget(bench) },
        {
          onProgress: (progress) => told.push(progress),
        },
      );
      assert.ok(told.length > 0, 'It tells nothing.');
      for (const { phase, doneMib, totalMib } of told) {
        assert.ok(
          ['image_snapshot', 'image_pending_upload', 'image_uploading'].includes(phase),
          `It tells of ${phase}.`,
        );
        assert.ok(doneMib >= 0 && doneMib <= totalMib, `${doneMib} of ${totalMib} MiB are done.`);
      }
    },
  }),
];

async function newTarget(bench: TestBench<never>): Promise<SnapshotTarget> {
  return { imageId: '00000000-0000-4000-8000-0000000000e1', path: await bench.emptyPath(), format: 'raw' };
}

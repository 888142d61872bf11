import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { InstanceSpec } from '@virtkit/core/driver';
import { rule, type Rule } from '../suite/rule.js';
import { generationIs } from './generation-rules.js';
import { rejection } from './expect.js';
import { destinationOf, larger } from './resize-steps.js';

/** What a guest keeps its generation through, and what gives it one. */
export const keptGenerationRules: readonly Rule[] = [
  rule({
    name: 'a guest keeps its generation when it is stopped and started',
    needs: ['power'],
    async prove(bench) {
      const instance = await bench.spawned({ generation: randomUUID() });
      await bench.driver.powerOff({ instance });
      await generationIs(bench.driver, instance);
      await bench.driver.powerOn({ instance });
      await generationIs(bench.driver, instance);
    },
  }),

  rule({
    name: 'a guest keeps its generation through a hard reboot',
    needs: ['reboot'],
    async prove(bench) {
      const instance = await bench.spawned({ generation: randomUUID() });
      await bench.driver.reboot({ instance, type: 'HARD' });
      await generationIs(bench.driver, instance);
    },
  }),

  rule({
    name: 'a hard reboot gives a guest without a generation that of its spec',
    needs: ['reboot'],
    async prove(bench) {
      const instance = await bench.spawned();
      const named = { ...instance, generation: randomUUID() };
      await bench.driver.reboot({ instance: named, type: 'HARD' });
      await generationIs(bench.driver, named);
    },
  }),

  rule({
    name: 'a hard reboot makes a guest that is lost anew with its generation',
    needs: ['reboot'],
    troubles: ['loseGuest'],
    async prove(bench) {
      const instance = await bench.spawned({ generation: randomUUID() });
      await bench.loseGuest(instance);
      await bench.driver.reboot({ instance, type: 'HARD' });
      await generationIs(bench.driver, instance);
    },
  }),

  rule({
    name: 'a guest keeps its generation through rescue and unrescue',
    needs: ['rescue', 'power'],
    async prove(bench) {
      const instance = await bench.spawned({ generation: randomUUID() });
      await bench.driver.powerOff({ instance });
      await bench.driver.rescue({ instance, image: instance.image });
      await generationIs(bench.driver, instance);
      await bench.driver.unrescue({ instance });
      await generationIs(bench.driver, instance);
    },
  }),

  rule({
    name: 'a guest keeps its generation through a rebuild',
    needs: ['rebuild'],
    async prove(bench) {
      const instance = await bench.spawned({ generation: randomUUID() });
      await bench.driver.rebuild({ instance });
      await generationIs(bench.driver, instance);
    },
  }),

  rule({
    name: 'inspect tells of which image the disk is, before a rebuild and after it',
    needs: ['rebuild'],
    async prove(bench) {
      const instance = await bench.spawned();
      const { image } = instance;
      const rebuilt = { ...instance, image: { ...image, id: `${image.id}-2` } };
      if (image.location.disk === undefined) return;
      assert.equal(
        (await bench.driver.inspect({ instanceUuid: instance.uuid })).imageId,
        image.id,
        'It was made from another image.',
      );
      await bench.driver.rebuild({ instance: rebuilt });
      assert.equal(
        (await bench.driver.inspect({ instanceUuid: instance.uuid })).imageId,
        rebuilt.image.id,
        'It is of the old image.',
      );
    },
  }),

  rule({
    name: 'inspect tells of the old image while a rebuild was refused before anything has changed',
    needs: ['rebuild'],
    troubles: ['missingImage'],
    async prove(bench) {
      const instance = await bench.spawned();
      if (instance.image.location.disk === undefined) return;
      await rejection(
        bench.driver.rebuild({ instance: { ...instance, image: await bench.missingImage() } }),
        'IMAGE_NOT_FOUND',
      );
      const { imageId } = await bench.driver.inspect({ instanceUuid: instance.uuid });
      assert.equal(imageId, instance.image.id, `inspect tells of the image ${imageId}.`);
    },
  }),

  rule({
    name: 'a guest takes its generation to the host that it is resized to',
    needs: ['resize'],
    troubles: ['otherHost'],
    async prove(bench) {
      const other = await bench.otherHost();
      const instance = await bench.spawned({ generation: randomUUID() });
      const after: InstanceSpec = larger(instance);
      const disks = await bench.driver.migrateDiskAndPowerOff({ instance, destination: destinationOf(other, after) });
      await other.driver.finishMigration({ instance: after, disks });
      await generationIs(other.driver, after);
      await other.driver.destroy({ instance });
      await bench.driver.finishRevertMigration({ instance });
      await generationIs(bench.driver, instance);
    },
  }),

  rule({
    name: 'a guest takes its generation along when it is migrated live',
    needs: ['liveMigration'],
    troubles: ['otherHost'],
    async prove(bench) {
      const other = await bench.otherHost();
      const instance = await bench.spawned({ generation: randomUUID() });
      const request = { sourceHost: bench.environment.host, disks: 'whatever-fits' } as const;
      let data = await other.driver.checkCanLiveMigrateDestination({ instance, ...request });
      data = await bench.driver.checkCanLiveMigrateSource({ instance, data });
      await other.driver.cleanupLiveMigrationDestinationCheck({ instance, data });
      data = await other.driver.preLiveMigration({ instance, data });
      await bench.driver.liveMigration({ instance, data });
      await generationIs(other.driver, instance);
      await other.driver.postLiveMigrationAtDestination({ instance, data });
      await generationIs(other.driver, instance);
    },
  }),
];

import assert from 'node:assert/strict';
import type { Capability } from '@virtkit/core/driver';
import { rule, type Rule } from '../suite/rule.js';
import { rejection } from './expect.js';
import { needsOf } from './lifted-method.js';
import { liftedMethods } from './lifted-methods.js';

export const foreignGuestRules: readonly Rule[] = [
  rule({
    name: 'listInstanceUuids leaves out guests that the driver did not make',
    troubles: ['foreignGuest'],
    async prove(bench) {
      await bench.foreignGuest();
      const { uuid } = await bench.spawned();
      assert.deepEqual(await bench.driver.listInstanceUuids({}), [uuid]);
    },
  }),

  rule({
    name: 'inspect tells nothing of a guest that the driver did not make',
    troubles: ['foreignGuest'],
    async prove(bench) {
      const { uuid } = await bench.foreignGuest();
      const { guest, powerState, belongings } = await bench.driver.inspect({ instanceUuid: uuid });
      assert.deepEqual([guest, powerState, ...belongings], ['absent', 'NOSTATE']);
    },
  }),

  ...liftedMethods
    .filter(({ unknown }) => unknown === 'refuses')
    .map((method) =>
      rule<Capability>({
        name: `${method.name} of a guest that the driver did not make rejects with INSTANCE_NOT_FOUND`,
        needs: needsOf(method),
        troubles: ['foreignGuest'],
        async prove(bench) {
          const foreign = await bench.foreignGuest();
          const instance = bench.instance({ uuid: foreign.uuid });
          await rejection(method.call(bench.driver, instance), 'INSTANCE_NOT_FOUND');
          assert.equal(await foreign.look(), 'untouched');
        },
      }),
    ),

  ...liftedMethods
    .filter(({ name, unknown }) => unknown === 'makes' || (unknown === 'success' && name !== 'inspect'))
    .map((method) =>
      rule<Capability>({
        name: `${method.name} leaves a guest alone that the driver did not make`,
        needs: needsOf(method),
        troubles: ['foreignGuest'],
        async prove(bench) {
          const foreign = await bench.foreignGuest();
          const call = method.call(bench.driver, bench.instance({ uuid: foreign.uuid }));
          await (method.unknown === 'success' ? call : rejection(call));
          assert.equal(await foreign.look(), 'untouched');
        },
      }),
    ),
];

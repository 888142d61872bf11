import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';
import { nothingIsLeft, rejection } from './expect.js';
import { needsOf } from './lifted-method.js';
import { liftedMethods } from './lifted-methods.js';

export const unknownInstanceRules: readonly Rule[] = [
  ...liftedMethods
    .filter(({ unknown }) => unknown === 'refuses')
    .map((method) =>
      rule({
        name: `${method.name} of an unknown instance rejects with INSTANCE_NOT_FOUND, effect none`,
        needs: needsOf(method),
        async prove(bench) {
          const instance = bench.instance();
          const failure = await rejection(method.call(bench.driver, instance), 'INSTANCE_NOT_FOUND');
          assert.equal(failure.effect, 'none', `The effect is ${failure.effect}.`);
        },
      }),
    ),

  ...liftedMethods
    .filter(({ name, unknown }) => unknown === 'success' && name !== 'inspect')
    .map((method) =>
      rule({
        name: `${method.name} of an unknown instance resolves and leaves nothing`,
        needs: needsOf(method),
        async prove(bench) {
          const instance = bench.instance();
          await method.call(bench.driver, instance);
          await nothingIsLeft(bench.driver, instance);
        },
      }),
    ),
];

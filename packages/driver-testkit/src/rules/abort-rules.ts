import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';
import { abortRejection } from './expect.js';
import { needsOf } from './lifted-method.js';
import { liftedMethods } from './lifted-methods.js';

export const abortRules: readonly Rule[] = [
  rule({
    name: 'initHost with an aborted signal rejects',
    host: 'new',
    async prove({ driver }) {
      const signal = AbortSignal.abort();
      await abortRejection(driver.initHost({}, { signal }), signal);
    },
  }),

  ...liftedMethods.map((method) =>
    rule({
      name: `${method.name} with an aborted signal rejects and changes nothing`,
      needs: needsOf(method),
      async prove(bench) {
        const spawned = await bench.spawned();
        const instance = method.name === 'spawn' ? bench.instance() : spawned;
        const before = await bench.driver.inspect({ instanceUuid: instance.uuid });
        const signal = AbortSignal.abort();
        await abortRejection(method.call(bench.driver, instance, { signal }), signal);
        assert.deepEqual(
          await bench.driver.inspect({ instanceUuid: instance.uuid }),
          before,
          'The aborted call has changed something.',
        );
      },
    }),
  ),
];

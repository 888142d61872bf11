import assert from 'node:assert/strict';
import { isComputeError } from '@virtkit/core/driver';
import { rule, type Rule } from '../suite/rule.js';

export const consoleRules: readonly Rule[] = [
  rule({
    name: 'getConsoleOutput gives bytes, at most as many as asked for',
    needs: ['consoleOutput'],
    async prove(bench) {
      const instance = await bench.spawned();
      const written = await bench.driver.getConsoleOutput({ instance });
      assert.ok(written instanceof Uint8Array, 'It gives a Uint8Array.');
      assert.ok(written.length <= 102_400, `It gives ${written.length} bytes where 102,400 are the default.`);
      for (const lengthBytesMax of [0, 4]) {
        const { length } = await bench.driver.getConsoleOutput({ instance, lengthBytesMax });
        assert.ok(length <= lengthBytesMax, `It gives ${length} bytes where ${lengthBytesMax} were asked for.`);
      }
    },
  }),

  rule({
    name: 'getConsoleOutput of a guest that is off gives bytes or CONSOLE_UNAVAILABLE',
    needs: ['consoleOutput'],
    async prove(bench) {
      const instance = bench.instance();
      await bench.driver.spawn({ instance, start: 'leave-off' });
      const outcome = await bench.driver.getConsoleOutput({ instance }).then(
        (written) => (written instanceof Uint8Array ? 'fine' : 'something else'),
        (failure: unknown) => (isComputeError(failure, 'CONSOLE_UNAVAILABLE') ? 'fine' : failure),
      );
      assert.equal(outcome, 'fine');
    },
  }),
];

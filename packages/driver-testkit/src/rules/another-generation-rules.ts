import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { InstanceSpec } from '@virtkit/core/driver';
import { rule, type Rule } from '../suite/rule.js';
import type { TestBench } from '../suite/test-bench.js';
import { rejection } from './expect.js';
import { needsOf, toAnother, type LiftedMethod } from './lifted-method.js';
import { liftedMethods } from './lifted-methods.js';

/** To a call that names another generation the guest that is there is absent. `spawn` and `destroy` have rules of their own. */
export const anotherGenerationRules: readonly Rule[] = liftedMethods
  .filter((method) => toAnother(method) !== 'does not compare')
  .map((method) =>
    rule({
      name: anotherGenerationRule(method),
      needs: needsOf(method),
      async prove(bench) {
        const instance = await bench.spawned({ generation: randomUUID() });
        const before = await bench.driver.inspect({ instanceUuid: instance.uuid });
        await callOfAnother(method, bench, { ...instance, generation: randomUUID() });
        const after = await bench.driver.inspect({ instanceUuid: instance.uuid });
        assert.deepEqual(after, before, 'It has changed something.');
      },
    }),
  );

/** The name of the rule about a method. */
export function anotherGenerationRule(method: LiftedMethod): string {
  const answer = toAnother(method);
  const outcome = answer === 'success' ? 'resolves' : `rejects with ${answer}`;
  return `${method.name} that names another generation ${outcome} and touches nothing`;
}

async function callOfAnother(method: LiftedMethod, bench: TestBench, other: InstanceSpec): Promise<void> {
  const answer = toAnother(method);
  const call = method.call(bench.driver, other);
  if (answer === 'success' || answer === 'does not compare') await call;
  else await rejection(call, answer);
}

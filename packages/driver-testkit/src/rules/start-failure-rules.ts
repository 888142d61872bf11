import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { operatorFactsOf, type ComputeError } from '@virtkit/core/driver';
import { rule, type Rule } from '../suite/rule.js';
import type { TestBench } from '../suite/test-bench.js';
import { noHostEndIsLeft, nothingIsLeft, powerStateIs, rejection } from './expect.js';

/** Spawns an instance whose guest the hypervisor refuses to start. */
async function failedSpawn(bench: TestBench<never>) {
  const instance = bench.instance();
  const broken = await bench.breakStart(instance);
  const failure = await rejection(bench.driver.spawn({ instance }));
  return { instance, broken, failure };
}

export const startFailureRules: readonly Rule[] = [
  rule({
    name: 'a start that the hypervisor refuses is GUEST_START_FAILED',
    troubles: ['breakStart'],
    async prove(bench) {
      const { failure } = await failedSpawn(bench);
      assert.equal(failure.code, 'GUEST_START_FAILED', `The code is ${failure.code}.`);
    },
  }),

  rule({
    name: "a tenant reads none of the host's words",
    troubles: ['breakStart'],
    async prove(bench) {
      const { failure, broken } = await failedSpawn(bench);
      const read = [failure.message, inspect(failure.details), JSON.stringify(failure.toTenant())].join('\n');
      const leaked = broken.hostWords.filter((word) => read.includes(word));
      assert.deepEqual(leaked, [], 'What a tenant reads has words of the host in it.');
    },
  }),

  rule({
    name: "an operator reads the hypervisor's own words",
    troubles: ['breakStart'],
    async prove(bench) {
      const { failure, broken } = await failedSpawn(bench);
      const read = wordsForOperators(failure);
      assert.ok(
        broken.hostWords.some((word) => read.includes(word)),
        'Neither the cause of the error nor its operator facts have a word of what the hypervisor said.',
      );
    },
  }),

  rule({
    name: 'spawn that fails leaves nothing, and can be repeated',
    troubles: ['breakStart'],
    async prove(bench) {
      const { instance, broken } = await failedSpawn(bench);
      await nothingIsLeft(bench.driver, instance);
      await broken.heal();
      await bench.driver.spawn({ instance });
      await powerStateIs(bench.driver, instance, 'RUNNING');
    },
  }),

  rule({
    name: 'powerOn that fails leaves the guest off, and can be repeated',
    needs: ['power'],
    troubles: ['breakStart'],
    async prove(bench) {
      const instance = bench.instance();
      await bench.driver.spawn({ instance, start: 'leave-off' });
      const broken = await bench.breakStart(instance);
      await rejection(bench.driver.powerOn({ instance }), 'GUEST_START_FAILED');
      await doesNotRun(bench, instance.uuid);
      await broken.heal();
      await bench.driver.powerOn({ instance });
      await powerStateIs(bench.driver, instance, 'RUNNING');
    },
  }),

  rule({
    name: 'a HARD reboot that fails leaves no running guest, vif or secret, and the next one repairs the instance',
    needs: ['reboot'],
    troubles: ['breakStart'],
    async prove(bench) {
      const instance = await bench.spawned();
      const broken = await bench.breakStart(instance);
      await rejection(bench.driver.reboot({ instance, type: 'HARD' }), 'GUEST_START_FAILED');
      await doesNotRun(bench, instance.uuid);
      await broken.heal();
      await bench.driver.reboot({ instance, type: 'HARD' });
      await powerStateIs(bench.driver, instance, 'RUNNING');
    },
  }),
];

async function doesNotRun({ driver }: TestBench<never>, instanceUuid: string): Promise<void> {
  const { powerState } = await driver.inspect({ instanceUuid });
  assert.ok(!['RUNNING', 'PAUSED'].includes(powerState), `After the failed start the guest is ${powerState}.`);
  await noHostEndIsLeft(driver, instanceUuid);
}

function wordsForOperators(failure: ComputeError): string {
  return inspect([operatorFactsOf(failure), failure.cause], { depth: 10 });
}

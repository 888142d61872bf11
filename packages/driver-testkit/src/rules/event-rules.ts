import assert from 'node:assert/strict';
import {
  lifecycleTransitions,
  type Capability,
  type InstanceSpec,
  type LifecycleTransition,
} from '@virtkit/core/driver';
import { rule, type Rule } from '../suite/rule.js';
import type { AbleDriver } from '../suite/test-bench.js';

interface ToldCall {
  readonly name: string;
  readonly needs: readonly Capability[];
  readonly told: readonly LifecycleTransition[];
  readonly prepare?: (driver: AbleDriver<Told>, instance: InstanceSpec) => Promise<void>;
  readonly call: (driver: AbleDriver<Told>, instance: InstanceSpec) => Promise<void>;
}

type Told = 'power' | 'pause' | 'suspend';

const toldCalls: readonly ToldCall[] = [
  {
    name: 'powerOff',
    needs: ['power'],
    told: ['stopped'],
    call: (driver, instance) => driver.powerOff({ instance }),
  },
  {
    name: 'pause',
    needs: ['pause'],
    told: ['paused'],
    call: (driver, instance) => driver.pause({ instance }),
  },
  {
    name: 'unpause',
    needs: ['pause'],
    told: ['resumed'],
    prepare: (driver, instance) => driver.pause({ instance }),
    call: (driver, instance) => driver.unpause({ instance }),
  },
  {
    name: 'suspend',
    needs: ['suspend'],
    told: ['suspended', 'stopped'],
    call: (driver, instance) => driver.suspend({ instance }),
  },
  {
    name: 'resume',
    needs: ['suspend'],
    told: ['resumed'],
    prepare: (driver, instance) => driver.suspend({ instance }),
    call: (driver, instance) => driver.resume({ instance }),
  },
];

export const eventRules: readonly Rule[] = [
  rule({
    name: 'spawn is told as started',
    async prove(bench) {
      const { uuid } = await bench.spawned();
      await bench.environment.untilTransition(uuid, ['started']);
    },
  }),

  ...toldCalls.map(({ name, needs, told, prepare, call }) =>
    rule<Capability>({
      name: `${name} is told as ${told.join(' or ')}`,
      needs,
      async prove(bench) {
        const instance = await bench.spawned();
        await prepare?.(bench.driver, instance);
        const after = bench.environment.transitionsOf(instance.uuid).length;
        await call(bench.driver, instance);
        await bench.environment.untilTransition(instance.uuid, told, { after });
      },
    }),
  ),

  rule({
    name: 'a guest that stops by itself is told as stopped, and is SHUTDOWN',
    troubles: ['stopFromInside'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.stopFromInside(instance);
      await bench.environment.untilTransition(instance.uuid, ['stopped']);
      const { powerState } = await bench.driver.getInfo({ instance });
      assert.equal(powerState, 'SHUTDOWN');
    },
  }),

  rule({
    name: 'an event names a transition of the contract and a time after 2000',
    async prove(bench) {
      const { uuid } = await bench.spawned();
      await bench.environment.untilTransition(uuid, ['started']);
      for (const event of bench.environment.events) {
        assert.ok(event.occurredAtMs > Date.UTC(2000, 0, 1), `occurredAtMs is ${event.occurredAtMs}.`);
        if (event.type !== 'lifecycle') continue;
        assert.ok(event.transition in lifecycleTransitions, `The transition is ${event.transition}.`);
      }
    },
  }),
];

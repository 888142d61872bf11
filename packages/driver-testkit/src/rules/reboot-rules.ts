import assert from 'node:assert/strict';
import type { Capability, GuestName, PowerState, RebootType } from '@virtkit/core/driver';
import { rule, type Rule } from '../suite/rule.js';
import type { AbleDriver } from '../suite/test-bench.js';
import { powerStateIs } from './expect.js';

interface StartingPoint {
  readonly state: PowerState;
  readonly needs: readonly Capability[];
  readonly bring: (driver: AbleDriver<'power' | 'pause' | 'suspend'>, instance: GuestName) => Promise<void>;
}

const startingPoints: readonly StartingPoint[] = [
  { state: 'SHUTDOWN', needs: ['power'], bring: (driver, instance) => driver.powerOff({ instance }) },
  { state: 'PAUSED', needs: ['pause'], bring: (driver, instance) => driver.pause({ instance }) },
  { state: 'SUSPENDED', needs: ['suspend'], bring: (driver, instance) => driver.suspend({ instance }) },
];

const rebootTypes: readonly RebootType[] = ['HARD', 'SOFT'];

export const rebootRules: readonly Rule[] = [
  ...rebootTypes.map((type) =>
    rule({
      name: `a ${type} reboot gives a running guest a new life`,
      needs: ['reboot'],
      troubles: ['lifeOf'],
      async prove(bench) {
        const instance = await bench.spawned();
        const life = await bench.lifeOf(instance);
        await bench.driver.reboot({ instance, type });
        await powerStateIs(bench.driver, instance, 'RUNNING');
        assert.notEqual(await bench.lifeOf(instance), life, 'The guest lives the life it lived before.');
      },
    }),
  ),

  rule({
    name: 'a SOFT reboot of a guest that does not listen becomes a HARD one',
    needs: ['reboot'],
    troubles: ['ignoreShutdown', 'lifeOf'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.ignoreShutdown(instance);
      const life = await bench.lifeOf(instance);
      await bench.driver.reboot({ instance, type: 'SOFT' });
      await powerStateIs(bench.driver, instance, 'RUNNING');
      assert.notEqual(await bench.lifeOf(instance), life, 'The guest lives the life it lived before.');
    },
  }),

  ...startingPoints.map(({ state, needs, bring }) =>
    rule<Capability>({
      name: `a HARD reboot of a guest that is ${state} leaves it RUNNING, nothing saved`,
      needs: ['reboot', ...needs],
      async prove(bench) {
        const instance = await bench.spawned();
        await bring(bench.driver, instance);
        await bench.driver.reboot({ instance, type: 'HARD' });
        await powerStateIs(bench.driver, instance, 'RUNNING');
        const { savedMemory } = await bench.driver.inspect({ instanceUuid: instance.uuid });
        assert.equal(savedMemory, 'absent', 'Memory of an earlier life is still saved.');
      },
    }),
  ),

  rule({
    name: 'a HARD reboot repairs a guest that the hypervisor has lost',
    needs: ['reboot'],
    troubles: ['loseGuest'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.loseGuest(instance);
      await bench.driver.reboot({ instance, type: 'HARD' });
      await powerStateIs(bench.driver, instance, 'RUNNING');
      assert.deepEqual(await bench.driver.listInstanceUuids({}), [instance.uuid]);
    },
  }),
];

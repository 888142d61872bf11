import assert from 'node:assert/strict';
import type { Capability, ComputeDriver, GuestInspection, InstanceSpec } from '@virtkit/core/driver';
import { rule, type Rule } from '../suite/rule.js';
import type { AbleDriver, TestBench } from '../suite/test-bench.js';
import { rejection } from './expect.js';

/** A method that changes an instance, and what the instance must be for that. */
interface Change {
  readonly name: string;
  readonly needs: readonly Capability[];
  readonly prepare: (bench: TestBench<'power' | 'pause' | 'suspend'>) => Promise<InstanceSpec>;
  readonly call: (
    driver: AbleDriver<'power' | 'pause' | 'suspend' | 'reboot'>,
    instance: InstanceSpec,
  ) => Promise<void>;
}

const spawn: Change = {
  name: 'spawn',
  needs: [],
  prepare: (bench) => Promise.resolve(bench.instance()),
  call: (driver, instance) => driver.spawn({ instance }),
};
const destroy: Change = {
  name: 'destroy',
  needs: [],
  prepare: (bench) => bench.spawned(),
  call: (driver, { uuid, generation = null }) => driver.destroy({ instance: { uuid, generation } }),
};
const powerOff: Change = {
  name: 'powerOff',
  needs: ['power'],
  prepare: (bench) => bench.spawned(),
  call: (driver, instance) => driver.powerOff({ instance }),
};
const powerOn: Change = {
  name: 'powerOn',
  needs: ['power'],
  prepare: async (bench) => {
    const instance = await bench.spawned();
    await bench.driver.powerOff({ instance });
    return instance;
  },
  call: (driver, instance) => driver.powerOn({ instance }),
};
const pause: Change = {
  name: 'pause',
  needs: ['pause'],
  prepare: (bench) => bench.spawned(),
  call: (driver, instance) => driver.pause({ instance }),
};
const suspend: Change = {
  name: 'suspend',
  needs: ['suspend'],
  prepare: (bench) => bench.spawned(),
  call: (driver, instance) => driver.suspend({ instance }),
};
const resume: Change = {
  name: 'resume',
  needs: ['suspend'],
  prepare: async (bench) => {
    const instance = await bench.spawned();
    await bench.driver.suspend({ instance });
    return instance;
  },
  call: (driver, instance) => driver.resume({ instance }),
};
const reboot: Change = {
  name: 'reboot',
  needs: ['reboot'],
  prepare: (bench) => bench.spawned(),
  call: (driver, instance) => driver.reboot({ instance, type: 'HARD' }),
};

/** More effects than any call has. */
const EFFECTS_MAX = 50;

export const fenceRules: readonly Rule[] = [
  ...[spawn, destroy, powerOff, powerOn, pause, suspend, resume, reboot].map(({ name, needs, prepare, call }) =>
    rule({
      name: `${name} of a manager that has lost its host rejects with SESSION_LOST, effect none, and changes nothing`,
      needs,
      async prove(bench) {
        const able = bench as unknown as TestBench<'power' | 'pause' | 'suspend' | 'reboot'>;
        const instance = await prepare(able as never);
        const before = await look(bench.driver, instance);
        bench.environment.fence.lose();
        const { effect } = await rejection(call(able.driver, instance), 'SESSION_LOST');
        assert.equal(effect, 'none', `The effect is ${effect}, and nothing was changed.`);
        assert.deepEqual(await look(bench.driver, instance), before, 'The call has changed something.');
      },
    }),
  ),

  ...[spawn, destroy, reboot].map(({ name, needs, prepare, call }) =>
    rule({
      name: `${name} that loses its host after any of its effects ends with OUTCOME_UNKNOWN and undoes nothing`,
      needs,
      async prove(bench) {
        const able = bench as unknown as TestBench<'power' | 'pause' | 'suspend' | 'reboot'>;
        const { fence } = bench.environment;
        for (let afterPasses = 1; afterPasses < EFFECTS_MAX; afterPasses += 1) {
          const instance = await prepare(able as never);
          let seen: GuestInspection | undefined;
          fence.lose({ afterPasses, onRefusal: async () => void (seen = await look(bench.driver, instance)) });
          const underWay = call(able.driver, instance);
          const isDone = await underWay.then(
            () => true,
            () => false,
          );
          if (isDone) return assert.equal(seen, undefined, 'It resolves although the fence has refused an effect.');
          await rejection(underWay, 'OUTCOME_UNKNOWN');
          assert.deepEqual(await look(bench.driver, instance), seen, 'Something has changed after the refusal.');
          fence.reopen();
        }
        assert.fail(`It asks for more than ${EFFECTS_MAX} effects.`);
      },
    }),
  ),

  ...(['completed', 'failed'] as const).map((status) =>
    rule({
      name: `spawn that loses its host while it waits for its network does nothing more when the network has ${status}`,
      troubles: ['downInterface'],
      async prove(bench) {
        const instance = await bench.instanceOfDownNetwork();
        const rejecting = rejection(bench.driver.spawn({ instance }), 'OUTCOME_UNKNOWN');
        await Promise.race([bench.environment.externalEvents.untilAwaited(instance.uuid), rejecting]);
        const before = await look(bench.driver, instance);
        bench.environment.fence.lose();
        bench.tellOfVifs(instance, status);
        await rejecting;
        assert.deepEqual(await look(bench.driver, instance), before, 'Something has changed since the host was lost.');
      },
    }),
  ),

  rule({
    name: 'destroy waits while the lease cannot be renewed, and goes on when it is',
    async prove(bench) {
      const instance = await bench.spawned();
      const { fence } = bench.environment;
      fence.runOut();
      const destroyed = bench.driver.destroy({ instance });
      const first = await Promise.race([fence.untilAsked().then(() => 'waits'), destroyed.then(() => 'is done')]);
      assert.equal(first, 'waits', 'It does not wait for the lease.');
      assert.equal((await look(bench.driver, instance)).powerState, 'RUNNING', 'It has changed something before.');
      fence.renew();
      await destroyed;
      assert.equal((await look(bench.driver, instance)).guest, 'absent', 'It does not go on.');
    },
  }),
];

async function look(driver: ComputeDriver, { uuid }: InstanceSpec): Promise<GuestInspection> {
  return await driver.inspect({ instanceUuid: uuid });
}

import assert from 'node:assert/strict';
import type { Capability, InstanceSpec, PowerState } from '@virtkit/core/driver';
import { rule, type Rule } from '../suite/rule.js';
import type { AbleDriver } from '../suite/test-bench.js';

type Idempotent = 'power' | 'pause' | 'suspend';

interface IdempotentMethod {
  readonly name: string;
  readonly needs: readonly Capability[];
  readonly prepare?: (driver: AbleDriver<Idempotent>, instance: InstanceSpec) => Promise<void>;
  readonly call: (driver: AbleDriver<Idempotent>, instance: InstanceSpec) => Promise<void>;
  readonly afterwards: PowerState;
}

const idempotentMethods: readonly IdempotentMethod[] = [
  {
    name: 'destroy',
    needs: [],
    call: (driver, instance) => driver.destroy({ instance }),
    afterwards: 'NOSTATE',
  },
  {
    name: 'powerOn',
    needs: ['power'],
    prepare: (driver, instance) => driver.powerOff({ instance }),
    call: (driver, instance) => driver.powerOn({ instance }),
    afterwards: 'RUNNING',
  },
  {
    name: 'powerOff',
    needs: ['power'],
    call: (driver, instance) => driver.powerOff({ instance }),
    afterwards: 'SHUTDOWN',
  },
  {
    name: 'pause',
    needs: ['pause'],
    call: (driver, instance) => driver.pause({ instance }),
    afterwards: 'PAUSED',
  },
  {
    name: 'unpause',
    needs: ['pause'],
    prepare: (driver, instance) => driver.pause({ instance }),
    call: (driver, instance) => driver.unpause({ instance }),
    afterwards: 'RUNNING',
  },
  {
    name: 'suspend',
    needs: ['suspend'],
    call: (driver, instance) => driver.suspend({ instance }),
    afterwards: 'SUSPENDED',
  },
  {
    name: 'resume',
    needs: ['suspend'],
    prepare: (driver, instance) => driver.suspend({ instance }),
    call: (driver, instance) => driver.resume({ instance }),
    afterwards: 'RUNNING',
  },
];

export const idempotenceRules: readonly Rule[] = idempotentMethods.map(({ name, needs, prepare, call, afterwards }) =>
  rule<Capability>({
    name: `${name} called again resolves and changes nothing`,
    needs,
    async prove(bench) {
      const instance = await bench.spawned();
      await prepare?.(bench.driver, instance);
      await call(bench.driver, instance);
      const before = await bench.driver.inspect({ instanceUuid: instance.uuid });
      await call(bench.driver, instance);
      const after = await bench.driver.inspect({ instanceUuid: instance.uuid });
      assert.equal(after.powerState, afterwards, `After the second call the guest is ${after.powerState}.`);
      assert.deepEqual(after, before, 'The second call has changed something.');
    },
  }),
);

import type { InstanceSpec } from '@virtkit/core/driver';
import type { FakeDriver, FakeHypervisor, GuestLook } from '../src/index.js';
import type { FakeBench } from './fake-bench.js';
import { instanceSpec } from './instance-spec.js';

/** One driver call from a known state: what fault matrices run over and over. */
export interface Scenario {
  readonly name: string;
  readonly prepare: (driver: FakeDriver, instance: InstanceSpec) => Promise<void>;
  readonly call: (driver: FakeDriver, instance: InstanceSpec, signal?: AbortSignal) => Promise<void>;
  /** Proves what the contract says a failed call has left. */
  readonly afterFailure?: (look: GuestLook, hypervisor: FakeHypervisor) => void;
}

const spawn = (driver: FakeDriver, instance: InstanceSpec): Promise<void> => driver.spawn({ instance });

export const scenarios: readonly Scenario[] = [
  {
    name: 'spawn',
    prepare: async () => {},
    call: (driver, instance, signal) => driver.spawn({ instance }, signal && { signal }),
  },
  {
    name: 'destroy',
    prepare: spawn,
    call: (driver, instance, signal) => driver.destroy({ instance }, signal && { signal }),
  },
  {
    name: 'destroy of a suspended guest',
    prepare: async (driver, instance) => {
      await driver.spawn({ instance });
      await driver.suspend({ instance });
    },
    call: (driver, instance, signal) => driver.destroy({ instance }, signal && { signal }),
  },
  {
    name: 'powerOff',
    prepare: spawn,
    call: (driver, instance, signal) => driver.powerOff({ instance }, signal && { signal }),
  },
  {
    name: 'powerOff with a grace period',
    prepare: spawn,
    call: (driver, instance, signal) =>
      driver.powerOff({ instance, gracePeriodMs: 60_000 }, { ...(signal && { signal }) }),
  },
  {
    name: 'powerOn',
    prepare: (driver, instance) => driver.spawn({ instance, start: 'leave-off' }),
    call: (driver, instance, signal) => driver.powerOn({ instance }, signal && { signal }),
  },
  {
    name: 'pause',
    prepare: spawn,
    call: (driver, instance, signal) => driver.pause({ instance }, signal && { signal }),
  },
  {
    name: 'unpause',
    prepare: async (driver, instance) => {
      await driver.spawn({ instance });
      await driver.pause({ instance });
    },
    call: (driver, instance, signal) => driver.unpause({ instance }, signal && { signal }),
  },
  {
    name: 'suspend',
    prepare: spawn,
    call: (driver, instance, signal) => driver.suspend({ instance }, signal && { signal }),
  },
  {
    name: 'resume',
    prepare: async (driver, instance) => {
      await driver.spawn({ instance });
      await driver.suspend({ instance });
    },
    call: (driver, instance, signal) => driver.resume({ instance }, signal && { signal }),
  },
  {
    name: 'HARD reboot',
    prepare: spawn,
    call: (driver, instance, signal) => driver.reboot({ instance, type: 'HARD' }, signal && { signal }),
  },
  {
    name: 'HARD reboot of a suspended guest',
    prepare: async (driver, instance) => {
      await driver.spawn({ instance });
      await driver.suspend({ instance });
    },
    call: (driver, instance, signal) => driver.reboot({ instance, type: 'HARD' }, signal && { signal }),
  },
  {
    name: 'SOFT reboot',
    prepare: spawn,
    call: (driver, instance, signal) => driver.reboot({ instance, type: 'SOFT' }, signal && { signal }),
  },
];

/** Brings a bench to where the scenario begins. */
export async function prepared({ driver, hypervisor }: FakeBench, { prepare }: Scenario): Promise<InstanceSpec> {
  const instance = instanceSpec();
  await prepare(driver, instance);
  hypervisor.journal.clear();
  return instance;
}

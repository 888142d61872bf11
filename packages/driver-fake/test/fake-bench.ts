import { testEnvironment, type TestEnvironment } from '@virtkit/driver-testkit';
import {
  FakeDriver,
  FakeHypervisor,
  VirtualClock,
  type FakeConfiguration,
  type FakeHypervisorOptions,
} from '../src/index.js';

export interface FakeBench {
  readonly clock: VirtualClock;
  readonly hypervisor: FakeHypervisor;
  readonly environment: TestEnvironment;
  readonly driver: FakeDriver;
}

/** A driver on a hypervisor of its own, on virtual time, initialised, with an empty journal. */
export async function fakeBench(
  configuration: Omit<FakeConfiguration, 'hypervisor'> = {},
  options: Partial<FakeHypervisorOptions> = {},
): Promise<FakeBench> {
  const clock = new VirtualClock();
  const hypervisor = new FakeHypervisor({ clock, ...options });
  return { clock, hypervisor, ...(await newDriver(hypervisor, clock, configuration)) };
}

/** One more driver on a hypervisor, as after a restart of its process. */
export async function newDriver(
  hypervisor: FakeHypervisor,
  clock: VirtualClock,
  configuration: Omit<FakeConfiguration, 'hypervisor'> = {},
): Promise<Pick<FakeBench, 'driver' | 'environment'>> {
  const environment = testEnvironment({ clock });
  const driver = new FakeDriver({ ...configuration, hypervisor }, environment);
  await driver.initHost({});
  hypervisor.journal.clear();
  return { driver, environment };
}
